from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from tests.workers.audio.rig import babble
from workers.audio.mix.levelling import MOST_DB, Leveller
from workers.audio.mix.loudness import HOP_SAMPLES, Meter
from workers.audio.planes.ducking import BEGIN_POLLS, HOLD_POLLS, Ducker

TARGET = -23.0


def talk(seconds: float, level: float, seed: int = 1) -> NDArray[np.int16]:
    """Like speech: words, and pauses between them."""
    sound = babble(seconds, seed=seed, level=level).astype(np.float64)
    words = np.repeat(np.random.default_rng(seed).random(len(sound) // 12_000 + 1) < 0.75, 12_000)[: len(sound)]
    return np.asarray(sound * np.where(words, 1, 0.03), np.int16)


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


def frames(sound: NDArray[np.int16]) -> list[bytes]:
    return [
        frame.tobytes() for frame in sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    ]


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


def looked(ducker: Ducker, peak_db: float, looks: int) -> list[bool]:
    return [ducker.poll(peak_db) and ducker.active for _ in range(looks)]


def test_the_party_speaks_after_two_tenths_and_is_quiet_after_a_while() -> None:
    ducker = Ducker(-45)
    ducker.poll(-20)
    ducker.poll(-120)
    assert not ducker.active  # a cough
    assert sum(looked(ducker, -30, BEGIN_POLLS)) == 1
    for _ in range(5):  # pauses between words
        looked(ducker, -120, HOLD_POLLS - 2)
        looked(ducker, -48, 1)  # hysteresis
    assert ducker.active
    assert [ducker.poll(-120) for _ in range(HOLD_POLLS)].count(True) == 1
    assert not ducker.active
