"""The party's bridge: a server-side peer that offers, and that we answer (notes/voice.md).

To media it is one more peer, ``bridge.BRIDGE``, that only offers. What media "offers" to it is a wish for a new offer,
since the bridge alone makes them. One job does everything in order, at the app's own pace.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PushEvent, SignalRefused
from common.psn import bridges, sessions
from common.psn.bridges import BridgeRef
from common.psn.errors import NotFoundError
from common.psn.http import Answer, Call, PsnClient
from common.psn.push import event_name
from workers.signaling.transports.miranda import PASSING

PROBLEM = "signaling.bridge"
FAREWELL_S = 3.0
"""A call that only tidies up may take so long."""
_FAREWELL: dict[str, Any] = {"urgent": True, "attempts": 1, "timeout_s": FAREWELL_S}
RETRY_S = 10.0
"""After a fault that passes by itself."""


@dataclass(frozen=True)
class Pace:
    """Seconds between the app's own calls [seen]."""

    link_s: float = 0.7
    """Create → link to the party."""
    peer_s: float = 0.5
    """Link → add peer."""
    answer_s: float = 0.9
    """Add peer → answer."""


Command = PartyState | PeerSignal | BridgeRef | str
"""What is to be dealt with: the party's state, a signal of media's, a bridge that is there, one's id that is gone."""


class Bridge:
    """`make`: make a bridge where the party has none; otherwise one is used only where there is one already."""

    name = "bridge"

    def __init__(  # noqa: PLR0913  # what it calls with, and whom it tells
        self,
        http: PsnClient,
        title_id: str,
        *,
        make: bool,
        deliver: Callable[[PeerSignal], None],
        refused: Callable[[str, SignalRefused, PartylineError], None],
        gone: Callable[[SignalRefused], object],
        sent: Callable[[str], None],
        problem: Callable[[PartylineError | None], None],
        pace: Pace | None = None,
    ) -> None:
        """`gone` is told that there is no bridge any more; `problem` what keeps us from it, None when that is over."""
        self._http = http
        self._title_id = title_id
        self._make = make
        self._deliver = deliver
        self._refused = refused
        self._gone = gone
        self._sent = sent
        self._problem = problem
        self._pace = pace or Pace()
        self._commands: asyncio.Queue[Command] = asyncio.Queue()
        self._room = ""
        self._session_id = ""
        self._bridge: BridgeRef | None = None
        self._own = False
        self._peer_id = ""
        self._sequence = 0
        self._offered_at = 0.0
        self._log = structlog.get_logger("signaling")

    # --- what the worker tells ---------------------------------------------------------------------

    def party(self, state: PartyState) -> None:
        room = state.session_id if state.phase == "joined" else "" if state.phase == "none" else self._room
        if room != self._room:
            self._room = room
            self._commands.put_nowait(state)

    def event(self, event: PushEvent) -> None:
        name = event_name(event.data_type)
        if name not in (bridges.CREATED, bridges.DELETED) or event.session_id.lower() != self._room.lower():
            return
        for ref in bridges.read_bridges(event.data):
            self._commands.put_nowait(ref if name == bridges.CREATED else ref.bridge_id)

    def reaches(self, peer: str) -> bool:
        return peer == BRIDGE_PEER

    def send(self, signal: PeerSignal) -> None:
        self._commands.put_nowait(signal)

    async def close(self) -> None:
        """Take our peer off the bridge: whoever follows us adds a new one."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._withdraw()
        except TimeoutError:
            self._log.info("the bridge was left without its consent", error="it took too long")

    # --- one thing after the other -----------------------------------------------------------------

    async def run(self) -> None:
        while True:
            command = await self._commands.get()
            try:
                await self._deal_with(command)
            except PartylineError as error:
                if isinstance(command, PeerSignal):
                    self._not_taken(command, error)
                else:
                    self._problem(error)
                    if isinstance(error, PASSING):
                        asyncio.get_running_loop().call_later(RETRY_S, self._again, command, self._session_id)

    def _again(self, command: Command, session_id: str) -> None:
        if session_id == self._session_id and self._bridge is None:
            self._commands.put_nowait(command)

    async def _deal_with(self, command: Command) -> None:
        if isinstance(command, PartyState):
            await self._withdraw()
            self._session_id = command.session_id if command.phase == "joined" else ""
            if self._session_id:
                await self._begin()
            self._problem(None)
        elif isinstance(command, BridgeRef):
            if self._session_id and (self._bridge is None or self._bridge.bridge_id != command.bridge_id):
                await self._withdraw()
                await self._enter(command)
                self._problem(None)
        elif isinstance(command, str):
            if self._bridge is not None and self._bridge.bridge_id == command:
                self._forget()
        elif command.kind == "answer":
            await self._answer(command)
        else:
            await self._renew(command)

    async def _begin(self) -> None:
        header = {sessions.SESSION_IDS_HEADER: self._session_id}
        view = await self._http.call(Call("GET", "mobile", sessions.VIEW_PATH, headers=header))
        found = bridges.read_view(view.data, self._session_id)
        if found is None and self._make:
            found = bridges.read_created((await self._call("POST", bridges.BASE, {})).data)
            self._own = True
            await asyncio.sleep(self._pace.link_s)
            link = Call(
                "POST", "mobile", bridges.link_path(self._session_id), bridges.link_body(found),
                headers=bridges.IGNORE_CONFLICT,
            )  # fmt: skip
            await self._http.call(link)
        if found is not None:
            await self._enter(found)

    async def _enter(self, ref: BridgeRef) -> None:
        await asyncio.sleep(self._pace.peer_s)
        self._bridge = ref
        try:
            answer = await self._call("POST", bridges.peers_path(ref.bridge_id), bridges.media_body())
            self._peer_id, sdp = bridges.read_peer(answer.data)
        except PartylineError:
            self._bridge = None
            raise
        self._offer(sdp)

    def _offer(self, sdp: str) -> None:
        """Give the bridge's offer to media."""
        self._sequence += 1
        self._offered_at = time.monotonic()
        account_id, _, platform = BRIDGE_PEER.partition(".")
        self._deliver(
            PeerSignal(
                direction="in",
                account_id=account_id,
                platform=platform,
                kind="offer",
                sdp=sdp,
                transport=self.name,
                sequence=self._sequence,
            )
        )

    async def _answer(self, signal: PeerSignal) -> None:
        if self._bridge is None or signal.sequence != self._sequence:
            return  # to an offer that is over
        await asyncio.sleep(max(0.0, self._offered_at + self._pace.answer_s - time.monotonic()))
        path = bridges.peer_path(self._bridge.bridge_id, self._peer_id, "/answer")
        await self._call("POST", path, bridges.answer_body(signal.sdp))
        self._log.info("sent", kind=signal.kind, peer=BRIDGE_PEER, sequence=signal.sequence, by=self.name)
        self._problem(None)
        self._sent(BRIDGE_PEER)

    async def _renew(self, wish: PeerSignal) -> None:
        """Ask the bridge for a new offer; where it knows our peer no more, add it again."""
        if self._bridge is None:
            self._gone(_notice(wish, "The party has no bridge any more.", final=True))
            return
        ref = self._bridge
        try:
            path = bridges.peer_path(ref.bridge_id, self._peer_id, "/offer")
            self._offer(bridges.read_offer((await self._call("POST", path, bridges.media_body())).data))
        except NotFoundError:
            await self._enter(ref)

    # --- the end -----------------------------------------------------------------------------------

    async def _withdraw(self) -> None:
        """Take our peer off the bridge, and end the bridge if it is ours; never raises."""
        ref, own, peer_id = self._bridge, self._own, self._peer_id
        self._bridge, self._own, self._peer_id = None, False, ""
        if ref is None:
            return
        with self._without_its_consent():
            await self._call("DELETE", bridges.peer_path(ref.bridge_id, peer_id), token=ref.token, **_FAREWELL)
        if own:
            with self._without_its_consent():
                await self._call("DELETE", bridges.bridge_path(ref.bridge_id), token=ref.token, **_FAREWELL)

    @contextlib.contextmanager
    def _without_its_consent(self) -> Iterator[None]:
        try:
            yield
        except PartylineError as error:
            self._log.info("the bridge was left without its consent", error=error.message)

    def _forget(self) -> None:
        self._bridge, self._own, self._peer_id = None, False, ""
        account_id, _, platform = BRIDGE_PEER.partition(".")
        self._gone(
            SignalRefused(
                account_id=account_id,
                platform=platform,
                kind="offer",
                sequence=0,
                message="The party's bridge has ended.",
                final=True,
            )
        )

    def _not_taken(self, signal: PeerSignal, error: PartylineError) -> None:
        final = isinstance(error, NotFoundError)
        if final:
            self._bridge, self._own, self._peer_id = None, False, ""
        self._refused(self.name, _notice(signal, error.message, final=final or not isinstance(error, PASSING)), error)

    async def _call(self, method: str, path: str, body: Any = None, token: str = "", **more: Any) -> Answer:
        token = token or (self._bridge.token if self._bridge is not None else "")
        return await self._http.call(
            Call(method, "mobile", path, body, headers=bridges.headers(self._title_id, token), **more)
        )


def _notice(signal: PeerSignal, message: str, *, final: bool) -> SignalRefused:
    return SignalRefused(
        account_id=signal.account_id,
        platform=signal.platform,
        kind=signal.kind,
        sequence=signal.sequence,
        message=message,
        final=final,
    )
