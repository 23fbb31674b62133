"""Speech made longer and shorter: by periods, without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from common.basic import pitch
from common.bus.voice import stretch
from tests.workers.media.receive.voice.sounds import Samples, hum


def steepest(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(np.int32))).max())


@pytest.mark.parametrize("period", [150, 240, 400, 533, 700])
def test_the_period_of_a_voice_is_found(period: int) -> None:
    lag, alike = pitch.period(hum(period))
    assert alike > 0.99
    assert lag % period in (0, 1, period - 1)


@pytest.mark.parametrize("period", [240, 533])
def test_a_period_more_or_less_is_not_heard(period: int) -> None:
    sound = hum(period)
    shorter, longer = stretch.shorten(sound, period), stretch.lengthen(sound, period)
    assert (len(shorter), len(longer)) == (1920 - period, 1920 + period)
    assert steepest(shorter) <= steepest(sound) + 2
    assert steepest(longer) <= steepest(sound) + 2
