"""Decision about the next action on the party's bridges, from what is known. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from common.basic.clock import Moment
from common.messages import PeerSignal
from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.actions import (
    Action,
    AddPeer,
    CreateBridge,
    ForgetOwn,
    ForwardSignal,
    LeaveBridge,
    ReadPeers,
    ViewParty,
)
from workers.signaling.transports.bridge.attachment import Attachment
from workers.signaling.transports.bridge.bridge_use import BridgeUse
from workers.signaling.transports.bridge.demand import Demand
from workers.signaling.transports.bridge.known_bridges import KnownBridges
from workers.signaling.transports.bridge.memory import OwnBridge

Mode = Literal["at-once", "needed", "never"]
"""When a bridge is created: if the party has none, for a member who is not reached, or never."""


@dataclass
class Agenda:
    """What is known of one membership. `now` is in monotonic seconds."""

    mode: Mode
    demand: Demand
    use: BridgeUse
    session_id: str = ""
    """The party. Empty if we are in none."""
    viewed: bool = False
    """Whether the party's view was read."""
    known: KnownBridges = field(default_factory=KnownBridges)
    _answer: PeerSignal | None = None
    _renewal: PeerSignal | None = None
    """Media's request for a new offer."""
    _not_before: float = 0.0

    def enter(self, session_id: str) -> None:
        """Start with another party ("" for none)."""
        self.session_id, self.viewed, self._not_before = session_id, False, 0.0
        self._answer = self._renewal = None
        self.known.clear()

    def on_signal(self, signal: PeerSignal) -> None:
        """Record media's signal. A later one replaces it."""
        if signal.kind == "answer":
            self._answer = signal
        else:
            self._renewal = signal

    def on_view(self, refs: Iterable[BridgeRef]) -> None:
        """Record the party's bridges as its view names them."""
        self.viewed = True
        for ref in refs:
            self.on_linked(ref)

    def on_linked(self, ref: BridgeRef) -> None:
        """Record a bridge of the party."""
        self.known.add(ref)
        self.use.on_linked(ref)

    def postpone(self, until: float) -> None:
        """Do nothing but forward signals until then."""
        self._not_before = until

    def next(self, now: float, own: OwnBridge, moment: Moment) -> Action | None:
        """Return the next action. Media's signals are removed with it."""
        if not self.session_id:
            return None
        if (signal := self._next_signal()) is not None:
            return ForwardSignal(signal)
        if now < self._not_before:
            return None
        if not self.viewed:
            return ViewParty()
        attached = self.use.attached
        if attached is None:
            return self._start(now, own, moment)
        return self._upkeep(attached, now) if attached.peer_id else AddPeer(attached)

    def is_unneeded(self, now: float) -> bool:
        """Return whether we are on no bridge, and nobody needs one."""
        may_act = bool(self.session_id) and now >= self._not_before and self.viewed
        return may_act and self.use.attached is None and self.demand.settled(now)

    def _next_signal(self) -> PeerSignal | None:
        if (answer := self._answer) is not None:
            self._answer = None
            return answer
        renewal, self._renewal = self._renewal, None
        return renewal

    def _start(self, now: float, own: OwnBridge, moment: Moment) -> Action | None:
        """Return the action that leads onto a bridge: our own of an earlier run, an existing one, or a new one."""
        at_once = self.mode == "at-once"
        if own.bridge_id:
            ref = self.known.get(own.bridge_id) if own.session_id == self.session_id else None
            if ref is None:
                return ForgetOwn()
            return AddPeer(Attachment(ref, self.session_id, own=True, linked=True))
        newest = self.known.newest(self.use.useless)
        if newest is not None and (at_once or self.demand.lacking(now)):
            return AddPeer(Attachment(newest, self.session_id))
        needing = self.demand.needing(now)
        wanted = at_once or (self.mode == "needed" and needing)
        return CreateBridge(self.session_id, needing) if wanted and own.may_create(moment) else None

    def _upkeep(self, attached: Attachment, now: float) -> Action | None:
        """Return the due action for our present bridge."""
        settled = self.mode == "needed" and self.demand.settled(now)
        due = attached.due(now, settled=settled, down_since=self.use.down_since)
        if due == "read peers":
            return ReadPeers(attached, keep_alone=attached.own and self.mode == "at-once")
        if due == "settled":
            return LeaveBridge(attached, "everybody is reached without it")
        if due == "unreached":
            return LeaveBridge(attached, "no connection with it comes up", useless=True)
        return None
