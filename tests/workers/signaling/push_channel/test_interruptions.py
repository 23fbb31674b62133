from __future__ import annotations

import pytest

from workers.signaling.push_channel.interruptions import PAUSED_S, PauseDetector


def test_a_late_tick_is_a_pause_and_a_busy_machine_is_none() -> None:
    pauses = PauseDetector(1.0, 0.0)
    assert pauses.tick(1.0) == 0
    assert pauses.tick(1.0 + 1 + PAUSED_S / 2) == 0
    assert pauses.tick(602.5) == pytest.approx(598.0)
    assert pauses.tick(603.5) == 0
