from __future__ import annotations

from common.bus.peers.far_voices import FarVoicesState
from common.messages import MIX_PLANE
from workers.link import state


def test_what_is_said_while_joined() -> None:
    voices = FarVoicesState(carriage="opus", frames=900, delay_ms=21.4, jitter_ms=3.2, bytes_per_s=30_000.0)
    said = state.figures(0.0023, {"audio-media": voices}, "opus")
    assert said == "round trip 2.3 ms, voices (opus) 21 ms later, jitter 3 ms, 0.2 Mbit/s"
    voices.missing, voices.late = 4, 2
    said = state.figures(None, {"audio-media": voices, MIX_PLANE: FarVoicesState(carriage="opus")}, "opus")
    assert said.endswith("0.2 Mbit/s, 4 frames missing, 2 too late")
    assert "the mix" not in said


def test_what_is_said_while_the_other_machine_is_away() -> None:
    message, remedy = state.away("spare")
    assert message.startswith("spare does not answer")
    assert "`partyline split --off`" in remedy
