"""The party's bridge as a talker. It only sends offers, and its voices are one mix behind a gate."""

from __future__ import annotations

from common.messages import SignalRefused
from workers.media.receive.path import VoiceFrame
from workers.media.talkers.talker import Talker


class BridgeTalker(Talker):
    """A local offer to the bridge only asks it to send its own offer."""

    is_member = False

    @property
    def rtp_clock(self) -> int:
        """Always 0, because the bridge's packets show nothing about a member's app."""
        return 0

    def ends_with(self, refusal: SignalRefused) -> bool:
        """Return whether the bridge is gone."""
        return refusal.kind == "offer" and refusal.final

    def _gated(self, frame: VoiceFrame, due_ns: int) -> VoiceFrame:
        return self._services.bridge_gate.filter(frame, due_ns)
