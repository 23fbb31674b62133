"""The party's bridge as a talker: it only offers, its voices are one mix, and a gate says when that is heard."""

from __future__ import annotations

from common.messages import SignalRefused
from workers.media.receive.path import Frame
from workers.media.talkers.talker import Talker


class BridgeTalker(Talker):
    """What we offer to it is a wish for an offer of its own."""

    is_member = False

    @property
    def rtp_clock(self) -> int:
        """Nothing: the bridge's packets say nothing of a member's app."""
        return 0

    def ends_with(self, refusal: SignalRefused) -> bool:
        """Return whether there is no bridge any more."""
        return refusal.kind == "offer" and refusal.final

    def _heard(self, frame: Frame, due_ns: int) -> Frame:
        return self._around.one_voice.let_through(frame, due_ns)
