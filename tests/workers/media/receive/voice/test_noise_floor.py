"""The room of a talker: below which level nobody speaks."""

from __future__ import annotations

import numpy as np
import pytest

from common.bus.voice.conceal import QUIET_DB
from tests.workers.media.receive.voice.sounds import Samples, hum
from workers.media.receive.voice.noise_floor import ABOVE_DB, LOUDEST_DB, NoiseFloor


def room(level_db: float, count: int = 1920, seed: int = 1) -> Samples:
    return np.rint(np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_db / 20), count)).astype(np.int16)


def after(seconds: float, *sounds: Samples) -> NoiseFloor:
    """Return the floor after the sounds in turn."""
    floor = NoiseFloor()
    for number in range(int(seconds / 0.04)):
        floor.record(sounds[number % len(sounds)])
    return floor


def test_a_silent_room_has_the_usual_limit() -> None:
    assert NoiseFloor().quiet_db == pytest.approx(QUIET_DB)
    assert after(4, np.zeros(1920, np.int16)).quiet_db == pytest.approx(QUIET_DB)


@pytest.mark.parametrize("level_db", [-48.0, -45.0, -42.0])
def test_in_a_room_with_a_fan_its_noise_is_quiet(level_db: float) -> None:
    floor = after(4, hum(240), *(room(level_db, seed=seed) for seed in range(5)))
    powers = np.concatenate([floor.record(room(level_db, seed=seed)) for seed in range(5)])
    assert (powers < floor.quiet_power).all()
    assert level_db < floor.quiet_db < level_db + ABOVE_DB


def test_speech_without_a_gap_does_not_become_quiet() -> None:
    assert after(4, hum(240)).quiet_db <= LOUDEST_DB + 0.01
    assert (after(4, hum(240)).record(hum(240)) > NoiseFloor().quiet_power).all()


def test_the_room_between_two_sentences_is_remembered_while_the_next_one_lasts() -> None:
    floor = after(4, room(-45))
    for _ in range(35):
        floor.record(hum(240))
    assert floor.quiet_db == pytest.approx(-45 + ABOVE_DB, abs=2)


def test_no_room_is_louder_than_quiet_speech() -> None:
    assert after(4, room(-10)).quiet_db == pytest.approx(-34)


def test_a_room_that_gets_quiet_is_believed_at_once_and_a_louder_one_within_3_s() -> None:
    floor = after(4, room(-42))
    for _ in range(4):
        floor.record(room(-70))
    assert floor.quiet_db == pytest.approx(QUIET_DB)
    for _ in range(76):
        floor.record(room(-42))
    assert floor.quiet_db > -42


def test_less_than_10_ms_has_no_power() -> None:
    assert not len(NoiseFloor().record(room(-40, 400)))
