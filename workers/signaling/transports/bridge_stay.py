"""Our stay on one bridge, and what is due about it. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.psn.bridges import BridgeRef

LOOKS_S = (5.0, 15.0, 30.0, 90.0)
"""So long after our peer was added it is looked who else is on the bridge, until somebody is heard there."""
UP_WITHIN_S = 45.0
"""A connection with a bridge that is not up by then is given up."""
ADDS = 3
"""Tries to add our peer, a pause apart."""

Due = Literal["", "look", "settled", "unreached"]
"""Nothing; look who is on it; everybody is reached without it; no connection with it comes up."""
Verdict = Literal["", "renew", "alone"]
"""Nothing; ask for a new offer, since it only listens and that may change when somebody comes; nobody came onto it."""


@dataclass
class Stay:
    """`own`: we made the bridge, and end it."""

    ref: BridgeRef
    session_id: str
    own: bool = False
    linked: bool = False
    peer_id: str = ""
    """Of our peer; empty: it is to be added."""
    adds: int = 0
    sequence: int = 0
    """Of the latest offer, as media knows it."""
    offered_at: float = 0.0
    """All times in monotonic seconds."""
    entered_at: float = 0.0
    """When our peer was added first."""
    direction: str = ""
    """Of its latest offer, from its side."""
    looks: int = 0
    useful_since: float = 0.0
    """Since when somebody else has been on it whom we may hear; 0: nobody."""

    def due(self, now: float, *, settled: bool, down_since: float) -> Due:
        """Return what is to be done. `down_since`: since when media has had no connection with it; 0: it has one."""
        if self.own and settled:
            return "settled"
        if down_since and now - max(down_since, self.entered_at) > UP_WITHIN_S:
            return "unreached"
        if not self.useful_since and self.looks < len(LOOKS_S) and now - self.entered_at >= LOOKS_S[self.looks]:
            return "look"
        return ""

    def looked(self, peers: list[str], now: float) -> Verdict:
        """Take who is on the bridge; return what that means."""
        self.looks += 1
        others = [peer for peer in peers if peer != self.peer_id]
        if others and self.direction != "recvonly":
            self.useful_since = now
            return ""
        if others:
            return "renew"
        return "alone" if self.looks == len(LOOKS_S) else ""

    def useful_s(self, now: float) -> float:
        return now - self.useful_since if self.useful_since else 0.0
