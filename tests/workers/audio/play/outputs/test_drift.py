"""A second device whose clock is off against the machine's and against the first device's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workers.audio.play.driven import outside_the_tone_db
from tests.workers.audio.play.outputs.driven_two import DrivenTwo

SETTLED_S = 7


@pytest.mark.parametrize(("first", "second"), [(0, 300), (300, -300)])
def test_both_devices_play_without_a_click_a_drop_or_a_repeat(first: float, second: float) -> None:
    devices = DrivenTwo(first, second, block=512)
    for _ in devices.seconds(SETTLED_S):
        pass
    before = devices.faults, devices.first.faults
    heard = list(devices.seconds(200))
    assert (devices.faults, devices.first.faults) == before
    for sounds in zip(*heard, strict=True):
        assert outside_the_tone_db(np.concatenate(sounds)) < -80
    assert devices.rate_control.following_ppm == pytest.approx(-second, abs=60)
    assert np.ptp(devices.queue_ms[-10:]) < 1
