from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from tests.workers.audio.mix.levels.test_loudness import metered, tone
from tests.workers.audio.rig import frames, talk
from workers.audio.mix.levels.levelling import Leveller
from workers.audio.mix.levels.loudness import HOP_S

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
    assert seen[-1] == pytest.approx(20.0)
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


def tenths(levels_db: list[float], seconds: float) -> NDArray[np.int16]:
    """Return a tone whose loudness is the next of `levels_db` (LUFS) for each tenth of a second, over and over."""
    count = round(seconds / HOP_S)
    return np.concatenate(
        [tone(997, HOP_S, 10 ** ((levels_db[number % len(levels_db)] + 3.01) / 20)) for number in range(count)]
    )


def gains(leveller: Leveller, sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the gain after each tenth of a second."""
    seen = []
    for hop in sound.reshape(-1, round(HOP_S * SAMPLE_RATE)):
        leveller.take(frames(hop))
        seen.append(leveller.gain_db)
    return np.array(seen)


def test_the_gain_rises_by_2_db_a_second_and_falls_by_4() -> None:
    speech = tenths([-35, -25], 6.0)
    assert np.diff(gains(Leveller(0.0), speech))[20:40] == pytest.approx(0.2)
    assert np.diff(gains(Leveller(-45.0), speech))[20:40] == pytest.approx(-0.4)


@pytest.mark.parametrize(("contrast_db", "speech"), [(5.5, False), (6.5, True)])
def test_sound_counts_as_speech_when_its_loudness_varies_by_6_db(contrast_db: float, speech: bool) -> None:
    seen = gains(Leveller(0.0), tenths([-30, -30 + contrast_db], 6.0))
    assert (seen[-1] > 0) == speech


@pytest.mark.parametrize(("off_db", "moves"), [(0.8, False), (1.3, True)])
def test_a_talker_within_a_decibel_of_the_target_is_left_alone(off_db: float, moves: bool) -> None:
    speech = tenths([-35, -25], 6.0)
    seen = gains(Leveller(metered(speech) + off_db), speech)
    assert (seen[-1] > 0) == moves


def test_the_gain_stands_still_between_words() -> None:
    speech = tenths([-25, -25, -25, -25, -25, -25, -42, -42], 8.0)
    moved = np.diff(gains(Leveller(0.0), speech))[40:].reshape(-1)
    quiet = np.array([(number + 41) % 8 >= 6 for number in range(len(moved))])
    assert not moved[quiet].any()
    assert (moved[~quiet] > 0).all()


def test_clicks_in_a_quiet_room_are_not_speech() -> None:
    clicks = tenths([-52, -80, -80, -80, -80, -80, -80], 20.0)
    assert not gains(Leveller(TARGET), clicks).any()
