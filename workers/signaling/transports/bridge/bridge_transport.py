"""Transport to the party's bridge, a server-side peer that offers and that we answer (notes/voice.md).

To media it is one more peer, `common.messages.BRIDGE`, that only offers. Media's "offer" to it requests a new offer,
since only the bridge makes them. We join an existing bridge if a member is not reached otherwise. We create one if
there is none or none helps, and leave it when it is no longer needed.

Input only changes the agenda, whose actions `AgendaRunner` does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar

from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PeerState, PushEvent
from common.psn.party import bridges
from common.psn.party.push import event_name
from workers.signaling.transports import Name, Transport, TransportEvents
from workers.signaling.transports.bridge.agenda import Agenda, Mode
from workers.signaling.transports.bridge.agenda_runner import AgendaRunner
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_client import NAME, PROBLEM, BridgeClient, CallDelays
from workers.signaling.transports.bridge.bridge_use import BridgeUse
from workers.signaling.transports.bridge.demand import Demand, DemandLimits
from workers.signaling.transports.bridge.memory import OwnBridgeFile


@dataclass(frozen=True)
class BridgeOptions:
    mode: Mode
    limits: DemandLimits = field(default_factory=DemandLimits)
    delays: CallDelays = field(default_factory=CallDelays)


class BridgeTransport(Transport):
    name: ClassVar[Name] = NAME
    problem: ClassVar[str] = PROBLEM

    def __init__(self, calls: BridgeCalls, own: OwnBridgeFile, events: TransportEvents, options: BridgeOptions) -> None:
        self._calls = calls
        self._events = events
        self._use = BridgeUse()
        self._demand = Demand(options.limits)
        self._agenda = Agenda(options.mode, self._demand, self._use)
        self._client = BridgeClient(calls, own, self._use, events, options.delays)
        self._context = self._left = ""
        """Push contexts of our membership, and of the one whose bridge we were asked to leave. Each membership has
        another one. A state that still names the latter is stale."""
        self._runner = AgendaRunner(self._agenda, self._client, calls, own, events)

    async def run(self) -> None:
        await self._runner.run()

    def facts(self) -> dict[str, str]:
        return {"bridge": self._use.words} if self._use.words else {}

    # --- input from the worker ---------------------------------------------------------------------

    def on_party(self, state: PartyState) -> None:
        self._context = state.context_id
        goes_on = state.phase == "joining" and state.session_id == self._agenda.session_id
        here = state.phase == "joined" and not (self._left and state.context_id == self._left)
        self._demand.keep(member.peer for member in state.members if not member.is_me and member.peer != state.me)
        if state.session_id:
            self._calls.use_share_link(state.cpss_id)
        self._enter(state.session_id if here or goes_on else "")

    def on_event(self, event: PushEvent) -> None:
        name, party = event_name(event.data_type), self._agenda.session_id.lower()
        if name not in (bridges.CREATED, bridges.DELETED) or event.session_id.lower() != party:
            return
        for ref in bridges.read_bridges(event.data):
            if name == bridges.CREATED:
                self._agenda.on_linked(ref)
            else:
                self._on_unlinked(ref.bridge_id)
        self._runner.wake()

    def on_peer_state(self, peer: str, state: PeerState | None) -> None:
        """Record media's report. Members without a connection may need a bridge."""
        connection, heard_s = (state.connection, state.heard_s) if state is not None else ("", 0.0)
        now = time.monotonic()
        if peer == BRIDGE_PEER:
            self._use.on_connection(connection, heard_s, now)
        elif connection:
            self._demand.on_connection(peer, connection, now)

    def on_failed_offers(self, peer: str, failures: int) -> None:
        self._demand.on_failed_offers(peer, failures)

    def reaches(self, peer: str) -> bool:
        return peer == BRIDGE_PEER

    def send(self, signal: PeerSignal) -> None:
        self._agenda.on_signal(signal)
        self._runner.wake()

    async def leave(self, session_id: str) -> None:
        """Withdraw before that party is left. It returns within seconds and never raises."""
        if session_id == self._agenda.session_id:
            self._left = self._context
            self._enter("")
        await self._client.withdrawals.wait()

    async def close(self) -> None:
        """Withdraw at the worker's stop."""
        await self.leave(self._agenda.session_id)

    # --- known state -------------------------------------------------------------------------------

    def _enter(self, session_id: str) -> None:
        """Switch to that party ("" for none). Everything in another one ends here."""
        if session_id == self._agenda.session_id:
            return
        self._runner.cancel_action()
        attached = self._use.reset()
        if attached is not None:
            self._client.withdrawals.start(attached)
        self._agenda.enter(session_id)
        self._events.on_usable(PROBLEM)
        self._runner.wake()

    def _on_unlinked(self, bridge_id: str) -> None:
        self._agenda.known.remove(bridge_id)
        attached = self._use.attached
        if attached is not None and attached.ref.bridge_id == bridge_id:
            self._runner.cancel_action()
            self._client.on_unlinked(attached)
