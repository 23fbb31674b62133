"""Steps on a bridge, one after the other: create it, add our peer, answer, read its peers, withdraw.

Each step may be cancelled. After a leave of the party, only the withdrawal is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.messages import BRIDGE, BRIDGE_PEER, PeerSignal, SignalRefused
from common.psn.errors import NotFoundError
from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.attachment import ADDS, Stay
from workers.signaling.transports.bridge.bridge_calls import FAREWELL, FAREWELL_S, BridgeCalls
from workers.signaling.transports.bridge.memory import MakesFile
from workers.signaling.transports.miranda_transport import PASSING

NAME = "bridge"
"""The transport's name."""
PROBLEM = "signaling.bridge"
_IT_COMES_AGAIN = "Nothing to do: it is tried again by itself, after a longer wait each time."


@dataclass(frozen=True)
class Pace:
    """Seconds between the app's own calls [seen]."""

    link_s: float = 0.7
    """Create → link to the party."""
    peer_s: float = 0.5
    """Link → add peer."""
    answer_s: float = 0.9
    """Add peer → answer."""


@dataclass(frozen=True)
class Ears:
    """Callbacks to the worker."""

    deliver: Callable[[PeerSignal], None]
    """Gets the bridge's offers."""
    refused: Callable[[str, SignalRefused, PartylineError], None]
    """Gets a signal of media's that was not accepted."""
    gone: Callable[[SignalRefused], object]
    """Called when there is no bridge any more."""
    sent: Callable[[str], None]
    """Called when an answer was sent to the bridge."""
    problem: Callable[[PartylineError | None], None]
    """Gets the error that keeps us from a bridge, or None when that is over."""


class Steps:
    """The steps. `stay` is our present bridge or None. `useless` holds the ids of bridges that brought nothing."""

    def __init__(self, calls: BridgeCalls, makes: MakesFile, ears: Ears, pace: Pace) -> None:
        self.stay: Stay | None = None
        self.useless: set[str] = set()
        self.down_since = 0.0
        """Monotonic time since which media has had no connection with the bridge, 0 if it has one."""
        self._calls = calls
        self._makes = makes
        self._ears = ears
        self._pace = pace
        self._sequence = 0
        self._farewells: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("signaling")

    # --- joining a bridge --------------------------------------------------------------------------

    async def make(self, session_id: str, for_members: list[str]) -> None:
        """Create a bridge, link it to the party, add our peer."""
        makes = self._makes
        makes.keep(makes.now.made(session_id, "", Moment.now()))  # a failed one counts too
        self._log.info("a bridge is made", for_members=for_members, number=makes.now.count)
        ref = await self._calls.create()
        stay = self.stay = Stay(ref, session_id, own=True)
        makes.keep(msgspec.structs.replace(makes.now, bridge_id=ref.bridge_id))
        await asyncio.sleep(self._pace.link_s)
        stay.linked = True  # the call below may succeed without an answer
        try:
            await self._calls.link(session_id, ref)
        except PartylineError:
            await self.leave(stay, "it could not be linked to the party")
            raise
        await self.add(stay)

    async def add(self, stay: Stay) -> None:
        """Add our peer to a bridge. A bridge that refuses it for good is left."""
        self.stay = stay
        stay.adds += 1
        await asyncio.sleep(self._pace.peer_s)
        try:
            stay.peer_id, sdp = await self._calls.add_peer(stay.ref)
        except PartylineError as error:
            if not isinstance(error, PASSING) or stay.adds >= ADDS:
                self.useless.add(stay.ref.bridge_id)
                await self.leave(stay, error.message)
            raise
        stay.adds = 0
        stay.entered_at = self.down_since = time.monotonic()
        self._offer(stay, sdp)

    def _offer(self, stay: Stay, sdp: str) -> None:
        """Deliver the bridge's offer to media."""
        self._sequence += 1
        stay.sequence, stay.offered_at, stay.direction = self._sequence, time.monotonic(), bridges.direction_of(sdp)
        self._ears.deliver(
            PeerSignal(
                direction="in",
                account_id=BRIDGE.account_id,
                platform=BRIDGE.platform,
                kind="offer",
                sdp=sdp,
                transport=NAME,
                sequence=stay.sequence,
            )
        )

    # --- media's signals ---------------------------------------------------------------------------

    async def signal(self, signal: PeerSignal) -> None:
        """Forward an answer, or request a new offer."""
        try:
            await (self._answer(signal) if signal.kind == "answer" else self._renew(signal))
        except PartylineError as error:
            if isinstance(error, NotFoundError) and self.stay is not None:
                await self.leave(self.stay, error.message)
            final = not isinstance(error, PASSING)
            self._ears.refused(NAME, SignalRefused.of(signal, error.message, final=final), error)

    async def _answer(self, signal: PeerSignal) -> None:
        stay = self.stay
        if stay is None or signal.sequence != stay.sequence:
            return  # the answer to a stale offer
        await asyncio.sleep(max(0.0, stay.offered_at + self._pace.answer_s - time.monotonic()))
        await self._calls.answer(stay.ref, stay.peer_id, signal.sdp)
        self._log.info("sent", kind=signal.kind, peer=BRIDGE_PEER, sequence=signal.sequence, by=NAME)
        self._ears.problem(None)
        self._ears.sent(BRIDGE_PEER)

    async def _renew(self, wish: PeerSignal) -> None:
        """Request a new offer from the bridge. If it no longer knows our peer, add the peer again."""
        stay = self.stay
        if stay is None or not stay.peer_id:
            self._ears.gone(SignalRefused.of(wish, "The party has no bridge any more.", final=True))
            return
        try:
            self._offer(stay, await self._calls.renew(stay.ref, stay.peer_id))
        except NotFoundError:
            stay.peer_id = ""
            await self.add(stay)

    # --- upkeep and the end ------------------------------------------------------------------------

    async def look(self, stay: Stay, *, keep_alone: bool) -> None:
        """Read the bridge's other peers, and act on them. `keep_alone` keeps a bridge without other peers."""
        verdict = stay.looked(await self._calls.peers(stay.ref), time.monotonic())
        if verdict == "renew":
            sdp = await self._calls.renew(stay.ref, stay.peer_id)
            if bridges.direction_of(sdp) == "recvonly":
                await self.brought_nothing(stay, "it only listens, so it brings nobody's voice")
            else:
                self._offer(stay, sdp)
        elif verdict == "alone" and not keep_alone:
            await self.brought_nothing(stay, "nobody else came onto it")

    async def brought_nothing(self, stay: Stay, why: str) -> None:
        """Leave a bridge for good, and report why."""
        self.useless.add(stay.ref.bridge_id)
        await self.leave(stay, why)
        self._ears.problem(PartylineError(f"{why}.", _IT_COMES_AGAIN, code=PROBLEM))

    async def leave(self, stay: Stay, why: str) -> None:
        """Leave a bridge while we stay in the party."""
        self._log.info("the bridge is given up", why=why, own=stay.own)
        self._off(stay)
        await asyncio.shield(self._farewell(stay))

    def vanished(self) -> None:
        """Handle that somebody else unlinked the bridge from the party."""
        stay = self.stay
        if stay is not None:
            self._off(stay)
            stay.linked = False
            if stay.own:
                self._farewell(stay)

    def withdraw(self) -> None:
        """Start leaving the bridge, since the party is left."""
        stay, self.stay = self.stay, None
        self.down_since = 0.0
        self.useless.clear()
        if stay is not None:
            self._farewell(stay)

    async def withdrawn(self) -> None:
        """Wait for all withdrawals, `FAREWELL_S` at most."""
        if self._farewells:
            await asyncio.wait(self._farewells, timeout=FAREWELL_S)

    def _off(self, stay: Stay) -> None:
        """Record that we are not on a bridge any more, and notify media."""
        if self.stay is stay:
            self.stay, self.down_since = None, 0.0
        over = PeerSignal(
            direction="out",
            account_id=BRIDGE.account_id,
            platform=BRIDGE.platform,
            kind="offer",
            sdp="",
            sequence=0,
        )
        self._ears.gone(SignalRefused.of(over, "The party's bridge has ended.", final=True))

    def _farewell(self, stay: Stay) -> asyncio.Task[None]:
        task = asyncio.create_task(self._withdraw(stay))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)
        return task

    async def _withdraw(self, stay: Stay) -> None:
        """Remove our peer from the bridge. Unlink and end the bridge if it is our own. Never raises."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                first = [self._quietly(self._calls.remove_peer(stay.ref, stay.peer_id))] if stay.peer_id else []
                if stay.own and stay.linked:
                    first.append(self._quietly(self._unlink(stay)))
                await asyncio.gather(*first)
                if stay.own:
                    await self._quietly(self._calls.end(stay.ref))
        except TimeoutError:
            self._log.info("the bridge was left without its consent", error="it took too long")
        if stay.own and self._makes.now.bridge_id == stay.ref.bridge_id:
            self._makes.keep(self._makes.now.gone(stay.useful_s(time.monotonic())))

    async def _unlink(self, stay: Stay) -> None:
        ref = stay.ref
        if not ref.etag:  # its event has not come
            found = await self._calls.of_party(stay.session_id, **FAREWELL)
            ref = next((one for one in found if one.bridge_id == ref.bridge_id), ref)
        await self._calls.unlink(stay.session_id, ref)

    async def _quietly(self, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        except PartylineError as error:
            self._log.info("the bridge was left without its consent", error=error.message)


def etag_learnt(stay: Stay | None, ref: BridgeRef) -> None:
    """Keep the etag of our present bridge, for the unlinking."""
    if stay is not None and stay.ref.bridge_id == ref.bridge_id and ref.etag:
        stay.ref = msgspec.structs.replace(stay.ref, etag=ref.etag)
