"""Connection loop of the push channel, at the rate that `Link` and the gate allow."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

import aiohttp
import structlog

from common.basic.clock import Moment, boot_s
from common.config.tables import Psn
from common.errors import PartyError, PartylineError
from common.messages import PushState
from common.psn.account.tokens import BusTokens
from common.psn.errors import NoSimulatorError, NotFoundError, PushFrameError, RefusedError, UnauthorizedError
from common.psn.http.client import PsnClient, fingerprint
from common.psn.http.endpoints import EndpointSource
from common.psn.party.push import PushFrame
from common.requests import Token
from workers.signaling.loss import Loss
from workers.signaling.memory import MemoryFile
from workers.signaling.push_channel.connector import CLOSE_S, ConnectError, Opener, Server
from workers.signaling.push_channel.interruptions import Naps, Network
from workers.signaling.push_channel.keep_alive import KNOWN, VOICE_CHAT, KeepAlive
from workers.signaling.push_channel.push_connection import Agreed, End, Hooks, OpenLink
from workers.signaling.push_channel.reconnect_policy import Failure, Link
from workers.signaling.push_channel.state_publisher import Told
from workers.signaling.push_channel.wanted_keep_alive import Wanted

SETTLING_S = 10.0
"""The simulator starts beside us. It may be missing for this long without a problem."""
SLOWEST_WAIT_S = 5.0
"""How often a missing sign-in is polled."""
TICK_S = 1.0
SIMULATOR_BACKOFF_S = 2.0


class Channel:
    """The connections. `say` gets each `PushState`, `frame` each event, `bad_frame` each bad one, `trouble` failures.

    `usable` gets whether answers would reach us. They do if the channel is open and not in doubt after a pause.
    `run` and `watch` never return.
    """

    def __init__(  # noqa: PLR0913  # five callbacks and their subject
        self,
        psn: Psn,
        endpoints: EndpointSource,
        http: PsnClient,
        tokens: BusTokens,
        memory: MemoryFile,
        *,
        say: Callable[[PushState], None],
        frame: Callable[[PushFrame], None],
        bad_frame: Callable[[PushFrameError], None],
        trouble: Callable[[str, str], None],
        usable: Callable[[bool], None],
    ) -> None:
        self._psn = psn
        self._endpoints = endpoints
        self._http = http
        self._tokens = tokens
        self._memory = memory
        self._trouble = trouble
        self._usable = usable
        self._frame, self._bad_frame = frame, bad_frame
        self._account = memory.account_id
        self._link = self._last_link()
        self._opener = Opener(psn, endpoints, http)
        self._open: OpenLink | None = None
        self._wanted = Wanted()
        self._presence_s = KNOWN[VOICE_CHAT].presence_s
        self._rejected = ""
        self._began = time.monotonic()
        self._told = Told(say)
        self._closing = False
        self._closed = asyncio.Event()
        self._closed.set()
        self._nudge = asyncio.Event()
        self._log = structlog.get_logger("signaling")

    async def run(self) -> None:
        while not self._closing:
            await self._rest(self._link.next_at - boot_s())
            if self._link.next_at > boot_s():
                continue
            try:
                token = await self._tokens.token(self._rejected)
            except PartylineError as error:
                self._told.away(f"Waiting for a sign-in: {error.message}", self._link.loss)
                await self._rest(SLOWEST_WAIT_S)
                continue
            self._rejected = ""
            self._mind_account(token)
            await self._try(token)

    async def watch(self) -> None:
        """Watch for pauses of this machine, a network that came, and an absence that is too long."""
        naps, network = Naps(TICK_S, boot_s()), Network()
        while True:
            await asyncio.sleep(TICK_S)
            paused_s, came = naps.tick(boot_s()), network.came()
            if paused_s:
                self._log.info("this machine or process paused", seconds=round(paused_s, 1))
            if self._open is None and (paused_s or came):
                self._link.woke(boot_s())
                self.nudge()
            elif self._open is not None:
                if paused_s:
                    self._open.paused()
                self._open.poke()
            self._told.look(self._link.loss)

    def nudge(self) -> None:
        """Wake a wait for a sign-in or for the next try."""
        self._nudge.set()

    async def close(self) -> None:
        """Close what is open, quickly, and open nothing again."""
        self._closing = True
        self.reopen("signaling is stopping")
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(2 * CLOSE_S):
                await self._closed.wait()
                await self._opener.close()

    def reopen(self, why: str) -> None:
        """Close the present connection cleanly."""
        if self._open is not None:
            self._open.end(Failure.LOST, f"Closed: {why}.")

    def party(self, *, in_party: bool) -> None:
        """Set whether we are in a party. The channel is then in voice chat, after a restart too."""
        self._wanted.party(inside=in_party)
        if self._open is not None:
            self._open.poke()

    async def voice_chat(self, *, active: bool) -> None:
        """Switch the open channel to voice chat (or idle). Raises `PartyError` if the server does not."""
        self._wanted.ask(active=active, now=boot_s())
        if not active:
            if self._open is not None:
                self._open.poke()
        elif self._open is None or not self._open.accepted:
            raise no_push()
        else:
            await self._open.use(self._psn.keep_alive_type_party)

    # --- between connections ----------------------------------------------------------------------

    async def _rest(self, wait_s: float) -> None:
        """Wait for `wait_s`, or until a nudge."""
        if wait_s <= 0:
            return
        self._nudge.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._nudge.wait()

    def _new_link(self, loss: Loss | None = None, first: str = "") -> Link:
        longest_s = self._psn.backoff_max_s
        if self._psn.realm == "simulator":  # it may restart at any moment, and polling it disturbs nobody
            longest_s = min(longest_s, SIMULATOR_BACKOFF_S)
        return Link((first, self._psn.push_protocol, self._psn.push_fallback), backoff_max_s=longest_s, loss=loss)

    def _last_link(self) -> Link:
        """Resume the last run's link with its loss, and its protocol if the server may still know us."""
        loss = self._memory.loss(Moment.now())
        back = loss is not None and loss.within_presence(boot_s())
        return self._new_link(loss, self._memory.protocol if back else "")

    def _mind_account(self, token: Token) -> None:
        """Start a new link for another account, which was never connected."""
        if self._account != token.account_id:
            if self._account:
                self._link = self._new_link()
            self._account = token.account_id

    async def _gate(self) -> bool:
        """Take one of the few allowed connections. If there is none, wait until there is and return False."""
        wait_s = self._http.opening_wait_s()
        if not wait_s:
            return True
        self._log.info("held back: many connections were tried of late", wait_s=round(wait_s, 1))
        self._told.held_back(self._link.loss, boot_s() + wait_s)
        await asyncio.sleep(wait_s)
        return False

    # --- a try ------------------------------------------------------------------------------------

    async def _try(self, token: Token) -> None:
        """Run one connection, from its opening to its end."""
        protocol = self._link.protocol
        try:
            if not await self._gate():
                return
            server = await self._opener.server(protocol, self._kind(protocol), token)
            self._link.bounds(*server.retry_s)
            reconnection = self._link.reconnection(boot_s())
            socket = await self._opener.connect(server, protocol, token, reconnection=reconnection)
        except ConnectError as error:
            self._failed(End(error.failure, str(error)), token)
        except (RefusedError, NotFoundError) as error:
            self._failed(End(Failure.REFUSED, error.message), token)
        except UnauthorizedError as error:
            self._failed(End(Failure.UNAUTHORIZED, error.message), token)
        except PartylineError as error:  # unreachable, an invalid host name, no simulator, the rate limit
            settling = isinstance(error, NoSimulatorError) and time.monotonic() - self._began < SETTLING_S
            self._failed(End(Failure.UNREACHABLE, error.message), token, quiet=settling)
        else:
            self._link.bounds(*self._opener.retry_s)
            began = boot_s()
            end = await self._live(socket, server, protocol, token)
            self._failed(end, token, boot_s() - began)

    def _kind(self, protocol: str) -> int:
        """Return the present keepAliveStatusType, for serveraddr [app]."""
        if protocol != "3.0":
            return self._psn.keep_alive_type_2_1
        in_party = self._wanted.voice_chat(boot_s())
        return self._psn.keep_alive_type_party if in_party else self._psn.keep_alive_type

    def _failed(self, end: End, token: Token, lived_s: float = 0.0, *, quiet: bool = False) -> None:
        self._log.info("push channel", failure=end.failure.value, detail=end.words, lived_s=round(lived_s, 1))
        now = boot_s()
        if self._link.failed(
            end.failure,
            now,
            lived_s=lived_s,
            retry_s=end.retry_s,
            jitter=random.random(),  # noqa: S311  # no secret
        ):
            self._rejected = fingerprint(token.access_token)
        if end.paused:
            self._link.woke(now)
        if end.failure is not Failure.LOST:
            self._endpoints.forget()
            if not quiet:
                self._trouble("signaling.push", f"The push channel cannot be opened: {end.words}")
        self._told.away(end.words, self._link.loss, self._link.next_at)

    async def _live(self, socket: aiohttp.ClientWebSocketResponse, server: Server, protocol: str, token: Token) -> End:
        """Use an open socket until it ends."""
        kind = self._kind(protocol)
        keep_alive = KNOWN.get(kind, KeepAlive()).told(server.keep_alive, self._psn.keep_alive_s)
        hooks = Hooks(
            opened=lambda: self._opened(server, protocol, token),
            frame=self._frame,
            bad_frame=self._bad_frame,
            paced=self._paced,
            doubted=self._doubted,
        )
        self._presence_s = keep_alive.presence_s
        self._open = link = OpenLink(self._psn, socket, Agreed(protocol, token), keep_alive, hooks)
        self._closed.clear()
        try:
            return await link.run(lambda: self._wanted.voice_chat(boot_s()))
        finally:
            self._open = None
            self._closed.set()
            self._usable(False)
            if link.accepted:
                loss = Loss(link.lost_at or boot_s(), self._presence_s)
                self._link.lost(loss)
                self._memory.lost(loss, Moment.now())

    def _doubted(self, in_doubt: bool) -> None:
        if in_doubt:
            self._usable(False)
        elif self._open is not None and self._open.accepted:
            self._usable(True)

    def _opened(self, server: Server, protocol: str, token: Token) -> None:
        self._link.opened()
        self._usable(True)
        self._memory.opened(protocol, token.account_id, self._presence_s, Moment.now())
        link = self._open
        kind, answered = (link.kind, link.answered) if link is not None else (0, None)
        self._told.connected(server.fqdn, protocol, kind, answered=answered)

    def _paced(self, kind: int, keep_alive: KeepAlive) -> None:
        """Record the keep-alive that the server demands, and that the link is still open."""
        self._presence_s = keep_alive.presence_s
        if self._open is not None and self._open.accepted:
            self._memory.alive(keep_alive.presence_s, Moment.now())
            self._told.kind(kind)


def no_push() -> PartyError:
    """Return the error of a join while the channel is not open."""
    return PartyError(
        "The push channel is not open, and without it nobody in the party could reach us.",
        "See `partyline status` for what it lacks and when it is tried next, then join again.",
        code="session.party-no-push",
    )
