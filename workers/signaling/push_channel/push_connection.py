"""One open push channel, from the upgrade to its end: authorisation, frames, pings and the keep-alive type."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog

from common.basic.clock import boot_s
from common.config.tables import Psn
from common.errors import PartyError
from common.psn.errors import PushFrameError
from common.psn.party import push
from common.psn.party.push import PushFrame
from common.requests import Token
from workers.signaling.push_channel.interruptions import PAUSED_S
from workers.signaling.push_channel.keep_alive import KNOWN, KeepAlive, Pulse
from workers.signaling.push_channel.reconnect_policy import Failure
from workers.signaling.push_channel.transactions import Refusal, Talk, Unanswered

NO_PONG = 4100
ORDERLY = 4101
"""Close codes of the app [app]."""
AGAIN_S = 30.0
"""In a party, a keep-alive type that the server did not accept is requested again after this time."""
_BROKEN = (aiohttp.ClientError, ConnectionError, RuntimeError)
"""Errors of sending on a socket that is being closed."""


@dataclass(frozen=True)
class End:
    """How a link ended."""

    failure: Failure
    words: str
    """A sentence."""
    retry_s: float = 0.0
    """The wait that the server requested."""
    paused: bool = False
    """Whether it was found dead after a pause of this machine. The next try then needs no wait."""


@dataclass(frozen=True)
class Agreed:
    """The protocol and token of a link."""

    protocol: str
    token: Token = field(repr=False)


@dataclass(frozen=True)
class Hooks:
    """Callbacks of a link: it is open, a frame, an unreadable frame, a keep-alive, and whether the link is in doubt."""

    opened: Callable[[], None]
    frame: Callable[[PushFrame], None]
    bad_frame: Callable[[PushFrameError], None]
    paced: Callable[[int, KeepAlive], None]
    doubted: Callable[[bool], None]


class OpenLink:
    """One link. Call `run` once. It returns how the link ended, and closes the socket."""

    def __init__(
        self, psn: Psn, socket: aiohttp.ClientWebSocketResponse, agreed: Agreed, keep_alive: KeepAlive, hooks: Hooks
    ) -> None:
        self._psn = psn
        self._socket = socket
        self._protocol, self._token = agreed.protocol, agreed.token
        self._hooks = hooks
        self.kind = psn.keep_alive_type if agreed.protocol == "3.0" else psn.keep_alive_type_2_1
        """The keepAliveStatusType in force. 3.0 always begins as idle, whatever was requested from serveraddr."""
        self.pulse = Pulse(keep_alive, boot_s())
        self.lost_at = 0.0
        """When the server lost us, after the link has ended (seconds of `boot_s`)."""
        self.accepted = False
        """Whether it counts as open. 2.1 does at once, 3.0 after the answer to its 1003 or a long enough wait."""
        self.answered: bool | None = None
        """Whether its 1003 was answered, None if none was sent."""
        self._talk = Talk(self._send, psn.push_answer_s)
        self._changing = asyncio.Lock()
        self._poked = asyncio.Event()
        self._again = asyncio.Event()
        self._end: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._code = ORDERLY
        self._paused = False
        self._log = structlog.get_logger("signaling")

    async def run(self, wants_voice_chat: Callable[[], bool]) -> End:
        """Run until the link ends. `wants_voice_chat` is called at each `poke`."""
        jobs = [asyncio.create_task(job) for job in (self._read(), self._ping(), self._begin(wants_voice_chat))]
        try:
            waited: list[asyncio.Future[Any]] = [self._end, *jobs]
            while not self._end.done():
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                for job in [job for job in waited if job.done() and job is not self._end]:
                    job.result()  # a failure here is our own fault
                    waited.remove(job)
            return self._end.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await self._close()

    def poke(self) -> None:
        """Check the wanted type again."""
        self._poked.set()

    def paused(self) -> None:
        """Check quickly whether the link has survived a pause of this machine or process."""
        self._paused = True
        self._hooks.doubted(True)
        self._doubt()

    def _doubt(self) -> None:
        """Check quickly whether the link is alive, because it seems dead."""
        now = boot_s()
        if self.pulse.given_up(now):
            self.end(Failure.LOST, "This machine paused for so long that the server has given the connection up.")
        else:
            self.pulse.doubt(now)
            self._again.set()

    def end(self, failure: Failure, words: str, *, code: int = ORDERLY, retry_s: float = 0.0) -> None:
        """End the link unless it has ended already."""
        if not self._end.done():
            self._code = code
            self.lost_at = self.pulse.lost_at(boot_s())
            self._end.set_result(End(failure, words, retry_s, self._paused))

    async def use(self, kind: int) -> None:
        """Switch the server to another keepAliveStatusType. Raises `PartyError` if it does not.

        Protocol 2.1 has no such frame, since its type was in the query.
        """
        async with self._changing:
            if self._protocol != "3.0" or self.kind == kind:
                return
            try:
                answer = await self._talk.ask(push.STATUS, lambda tran_id: push.status_frame(kind, tran_id))
            except Unanswered as error:
                self._doubt()
                raise _not_changed(f"did not answer within {self._psn.push_answer_s:g} s") from error
            except Refusal as error:
                raise _not_changed(f"refused it ({error})") from error
            except _BROKEN as error:
                raise _not_changed("closed the connection") from error
            self.kind = kind
            told = answer.keep_alive or push.KeepAliveTold()
            self.pulse.change(KNOWN.get(kind, KeepAlive()).told(told, self._psn.keep_alive_s), boot_s())
            self._again.set()
            self._log.info("keep-alive", type=kind, interval_s=self.pulse.keep_alive.interval_s)
            self._hooks.paced(kind, self.pulse.keep_alive)

    # --- jobs -------------------------------------------------------------------------------------

    async def _begin(self, wants_voice_chat: Callable[[], bool]) -> None:
        """Authorise the link, then follow the wanted type."""
        if self._protocol == "3.0" and not await self._authorise():
            return
        self._accept()
        while True:
            self._poked.clear()
            kind = self._psn.keep_alive_type_party if wants_voice_chat() else self._psn.keep_alive_type
            wait_s = None
            try:
                await self.use(kind)
            except PartyError as error:
                self._log.warning("the keep-alive type stays as it was", error=error.message)
                wait_s = AGAIN_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._poked.wait()

    async def _authorise(self) -> bool:
        """Send the one 1003 of this link. Return whether it may go on."""
        token = self._token

        def make(tran_id: str) -> bytes:
            return push.authorise_frame(token.account_id, token.access_token, tran_id)

        try:
            await self._talk.ask(push.AUTHORISE, make)
            self.answered = True
        except Unanswered as error:
            self.answered = False
            # Whether every server answers is unknown, so go on, but check that it answers anything.
            self._log.warning("the push server does not answer the first frame (1003)", error=str(error))
            self._doubt()
        except Refusal as error:
            self.end(Failure.UNAUTHORIZED, f"The push server refused our sign-in ({error}).", retry_s=error.retry_s)
            return False
        except _BROKEN as error:
            self.end(Failure.LOST, f"The connection broke while it was opened ({type(error).__name__}).")
            return False
        return True

    def _accept(self) -> None:
        if not self.accepted:
            self.accepted = True
            self._hooks.opened()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self._take(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                with contextlib.suppress(*_BROKEN):
                    await self._socket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                self.pulse.pong()
                if self._paused:
                    self._paused = False
                    self._hooks.doubted(False)
            elif message.type is aiohttp.WSMsgType.ERROR:
                return self.end(Failure.LOST, f"The connection broke ({type(message.data).__name__}).")
            else:
                # Odd codes (65535) have been seen. They mean a reconnect, not a crash.
                return self.end(Failure.LOST, f"The server closed the connection (code {self._socket.close_code}).")

    def _take(self, raw: bytes | str) -> None:
        try:
            frame = push.read_frame(raw)
        except PushFrameError as error:
            self._hooks.bad_frame(error)
            return
        if frame.method == push.EVENT:
            self._accept()  # events come only on an accepted link, answered or not
            self._hooks.frame(frame)
        else:
            self._talk.heard(frame)

    async def _ping(self) -> None:
        """Ping as long as pongs come."""
        while True:
            now = boot_s()
            if self.pulse.dead(now):
                return self.end(Failure.LOST, "No answer to the keep-alive: the link is dead.", code=NO_PONG)
            if self.pulse.due(now):
                try:
                    await self._socket.ping()
                except _BROKEN as error:
                    return self.end(Failure.LOST, f"The keep-alive could not be sent ({type(error).__name__}).")
                self._hooks.paced(self.kind, self.pulse.keep_alive)
            self._again.clear()
            planned = now + self.pulse.wait_s(now)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(planned - now):
                    await self._again.wait()
            if boot_s() - planned > PAUSED_S:  # the missing pong may be there, unread
                self.paused()

    # --- inside -----------------------------------------------------------------------------------

    async def _send(self, frame: bytes) -> None:
        await self._socket.send_str(frame.decode())

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError, *_BROKEN):
            async with asyncio.timeout(1.0):
                await self._socket.close(code=self._code)


def _not_changed(words: str) -> PartyError:
    return PartyError(
        f"The push server {words} when it was asked for voice chat, and so no party can be joined.",
        "Try again in a minute. If it repeats, see `partyline status` and report it.",
        code="session.party-no-voice-chat",
    )
