"""Transport to the party's bridge, a server-side peer that offers and that we answer (notes/voice.md).

To media it is one more peer, `common.messages.BRIDGE`, that only offers. Media's "offer" to it requests a new offer,
since only the bridge makes them. We join an existing bridge if a member is not reached otherwise. We create one if
there is none or none helps, and leave it when it is no longer needed.

Input only changes the known state. One job makes the calls, one after the other, from the present state. So
nothing queues up, and a step ends with the membership in which it was begun.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Literal

from common.basic.clock import Moment
from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PushEvent
from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef
from common.psn.party.push import event_name
from workers.signaling.transports.bridge.attachment import Stay
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_client import NAME, Ears, Pace, Steps, etag_learnt
from workers.signaling.transports.bridge.demand import Need, Patience
from workers.signaling.transports.bridge.memory import MakesFile
from workers.signaling.transports.miranda_transport import PASSING

RETRY_S = 10.0
"""Wait after a fault."""
POLL_S = 0.5
"""How often deadlines are polled."""

Mode = Literal["at-once", "needed", "never"]
"""When a bridge is created: if the party has none, for a member who is not reached, or never."""


class Bridge:
    name = NAME

    def __init__(  # noqa: PLR0913  # its calls and its callbacks
        self,
        calls: BridgeCalls,
        makes: MakesFile,
        ears: Ears,
        *,
        mode: Mode,
        patience: Patience | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._calls = calls
        self._makes = makes
        self._ears = ears
        self._mode = mode
        self._need = Need(patience or Patience())
        self._steps = Steps(calls, makes, ears, pace or Pace())
        self._session_id = ""
        self._context = self._left = ""
        """Push contexts of our membership, and of the one whose bridge we were asked to leave. Each membership has
        another one. A state that still names the latter is stale."""
        self._viewed = False
        self._known: dict[str, BridgeRef] = {}
        """The party's bridges, the newest last."""
        self._answer: PeerSignal | None = None
        self._wish: PeerSignal | None = None
        self._again_at = 0.0
        self._news = asyncio.Event()
        self._doing: asyncio.Task[None] | None = None

    @property
    def words(self) -> str:
        """Its state, for `partyline status`. Empty if we are on no bridge."""
        stay = self._steps.stay
        if stay is None:
            return ""
        use = "in use" if stay.useful_since else "being tried"
        return f"{'made by us' if stay.own else 'of the party'}, {use}"

    # --- input from the worker ---------------------------------------------------------------------

    def party(self, state: PartyState) -> None:
        self._context = state.context_id
        goes_on = state.phase == "joining" and state.session_id == self._session_id
        here = state.phase == "joined" and not (self._left and state.context_id == self._left)
        self._need.keep(member.peer for member in state.members if not member.is_me and member.peer != state.me)
        if state.session_id:
            self._calls.cpss_id = state.cpss_id
        self._be_in(state.session_id if here or goes_on else "")

    def event(self, event: PushEvent) -> None:
        name = event_name(event.data_type)
        if name not in (bridges.CREATED, bridges.DELETED) or event.session_id.lower() != self._session_id.lower():
            return
        for ref in bridges.read_bridges(event.data):
            if name == bridges.CREATED:
                self._learn(ref)
            else:
                self._unlearn(ref.bridge_id)
        self._news.set()

    def peer(self, peer: str, connection: str, heard_s: float = 0.0) -> None:
        """Record the state of media's connection with a peer ("" if it is gone), and how much was heard on it."""
        now, stay = time.monotonic(), self._steps.stay
        if peer == BRIDGE_PEER:
            self._steps.down_since = 0.0 if connection == "connected" else self._steps.down_since or now
            if stay is not None and stay.peer_id and heard_s > 0.0:
                stay.useful_since = stay.useful_since or now
        elif connection:
            self._need.report(peer, connection, now)

    def failing(self, peer: str, failures: int) -> None:
        """Record the number of consecutive failed tries with a member."""
        self._need.failing(peer, failures)

    def reaches(self, peer: str) -> bool:
        return peer == BRIDGE_PEER

    def send(self, signal: PeerSignal) -> None:
        if signal.kind == "answer":
            self._answer = signal
        else:
            self._wish = signal
        self._news.set()

    async def leave(self, session_id: str) -> None:
        """Withdraw before that party is left. It returns within seconds and never raises."""
        if session_id == self._session_id:
            self._left = self._context
            self._be_in("")
        await self._steps.withdrawn()

    async def close(self) -> None:
        """Withdraw at the worker's stop."""
        await self.leave(self._session_id)

    # --- known state -------------------------------------------------------------------------------

    def _be_in(self, session_id: str) -> None:
        """Switch to that party ("" for none). Everything in another one ends here."""
        if session_id == self._session_id:
            return
        if self._doing is not None:
            self._doing.cancel()
        self._steps.withdraw()
        self._session_id, self._viewed, self._again_at = session_id, False, 0.0
        self._answer = self._wish = None
        self._known.clear()
        self._ears.problem(None)
        self._news.set()

    def _learn(self, ref: BridgeRef) -> None:
        """Record a bridge of the party. A member may link any number, so the oldest are discarded."""
        self._known.pop(ref.bridge_id, None)
        self._known[ref.bridge_id] = ref
        if len(self._known) > bridges.MOST:
            del self._known[next(iter(self._known))]
        etag_learnt(self._steps.stay, ref)

    def _unlearn(self, bridge_id: str) -> None:
        """Record that a bridge is no longer linked."""
        self._known.pop(bridge_id, None)
        stay = self._steps.stay
        if stay is not None and stay.ref.bridge_id == bridge_id:
            if self._doing is not None:
                self._doing.cancel()
            self._steps.vanished()

    # --- one thing after the other -----------------------------------------------------------------

    async def run(self) -> None:
        while True:
            self._news.clear()
            step = self._next(time.monotonic()) if self._session_id else None
            if step is None:
                await self._pause()
                continue
            task = self._doing = asyncio.create_task(self._safely(step))
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                self._doing = None
            if not task.cancelled():
                task.result()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._news.wait()
        except TimeoutError:
            return

    async def _safely(self, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except PartylineError as error:
            self._ears.problem(error)
            self._again_at = time.monotonic() + RETRY_S

    def _next(self, now: float) -> Coroutine[Any, Any, None] | None:
        """Return the next step for the present state."""
        if (signal := self._answer or self._wish) is not None:
            self._answer, self._wish = None, None if signal is self._wish else self._wish
            return self._steps.signal(signal)
        if now < self._again_at:
            return None
        if not self._viewed:
            return self._view()
        stay = self._steps.stay
        if stay is None:
            return self._begin(now)
        return self._upkeep(stay, now) if stay.peer_id else self._steps.add(stay)

    async def _view(self) -> None:
        """Read the party's bridges. If the server refuses, only push events report them."""
        try:
            found = await self._calls.of_party(self._session_id)
        except PartylineError as error:
            self._viewed = not isinstance(error, PASSING)
            raise
        self._viewed = True
        for ref in found:
            self._learn(ref)

    def _begin(self, now: float) -> Coroutine[Any, Any, None] | None:
        """Return the step onto a bridge: our own of an earlier run, an existing one, or a new one."""
        made, at_once = self._makes.now, self._mode == "at-once"
        if made.bridge_id:
            ref = self._known.get(made.bridge_id) if made.session_id == self._session_id else None
            if ref is not None:
                return self._steps.add(Stay(ref, self._session_id, own=True, linked=True))
            self._makes.keep(made.gone(0.0))
        there = [ref for ref in self._known.values() if ref.bridge_id not in self._steps.useless]
        if there and (at_once or self._need.lacking(now)):
            return self._steps.add(Stay(there[-1], self._session_id))
        if self._need.settled(now):
            self._ears.problem(None)  # nobody needs a bridge now
        needing = self._need.needing(now)
        wanted = at_once or (self._mode == "needed" and needing)
        return self._steps.make(self._session_id, needing) if wanted and self._makes.now.may(Moment.now()) else None

    def _upkeep(self, stay: Stay, now: float) -> Coroutine[Any, Any, None] | None:
        """Return the due step for our present bridge."""
        settled = self._mode == "needed" and self._need.settled(now)
        due = stay.due(now, settled=settled, down_since=self._steps.down_since)
        if due == "look":
            return self._steps.look(stay, keep_alone=stay.own and self._mode == "at-once")
        if due == "settled":
            return self._steps.leave(stay, "everybody is reached without it")
        return self._steps.brought_nothing(stay, "no connection with it comes up") if due == "unreached" else None
