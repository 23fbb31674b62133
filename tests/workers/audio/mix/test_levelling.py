from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from tests.workers.audio.mix.test_loudness import metered, tone
from tests.workers.audio.rig import frames, talk
from workers.audio.mix.levelling import MOST_DB, Leveller

TARGET = -23.0


@pytest.mark.parametrize("level", [0.2, 0.4, 0.9])
def test_quiet_and_loud_talkers_come_to_the_target(level: float) -> None:
    sound = talk(40.0, level)
    leveller = Leveller(TARGET)
    leveller.take(frames(sound))
    assert metered(sound) + leveller.gain_db == pytest.approx(TARGET, abs=2.0)


def test_the_gain_moves_slowly_and_no_further_than_its_limit() -> None:
    leveller, seen = Leveller(TARGET), []
    for frame in frames(talk(60.0, 0.02)):
        leveller.take([frame])
        seen.append(leveller.gain_db)
    assert seen[-1] == pytest.approx(MOST_DB)
    assert np.abs(np.diff(seen)).max() < 0.5
    assert seen[200] < 3


def hiss(seconds: float, level: float) -> NDArray[np.int16]:
    noise = np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE))
    return np.asarray(noise * level * 32767, np.int16)


@pytest.mark.parametrize("sound", [hiss(20.0, 0.01), hiss(20.0, 0.0005), tone(120, 20.0, 0.02)])
def test_noise_is_not_pulled_up(sound: NDArray[np.int16]) -> None:
    leveller = Leveller(TARGET)
    leveller.take(frames(sound))
    assert leveller.gain_db == 0


def test_silence_changes_nothing_and_what_was_come_to_is_kept() -> None:
    leveller = Leveller(TARGET, gain_db=5.0)
    leveller.take([b""] * 2000)
    assert leveller.gain_db == 5.0
