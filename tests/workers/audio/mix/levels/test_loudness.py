from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from tests.workers.audio.rig import talk
from workers.audio.mix.levels.loudness import HOP_SAMPLES, Meter


def metered(sound: NDArray[np.int16]) -> float:
    meter = Meter(10**6)
    for hop in sound[: len(sound) // HOP_SAMPLES * HOP_SAMPLES].reshape(-1, HOP_SAMPLES):
        meter.add(hop / 32768)
    return meter.lufs()


def tone(hertz: float, seconds: float, level: float) -> NDArray[np.int16]:
    turns = 2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(np.rint(level * 32767 * np.sin(turns)), np.int16)


@pytest.mark.parametrize(
    "sound",
    [
        talk(20.0, 0.3),
        talk(20.0, 0.01, seed=2),
        np.concatenate([talk(8.0, 0.3), np.zeros(SAMPLE_RATE * 10, np.int16), talk(5.0, 0.02)]),  # both gates
        tone(997, 5.0, 0.1),
        tone(100, 5.0, 0.1),
        tone(6000, 5.0, 0.1),
    ],
)
def test_the_meter_agrees_with_pyloudnorm(sound: NDArray[np.int16]) -> None:
    assert metered(sound) == pytest.approx(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound / 32768), abs=0.2)
