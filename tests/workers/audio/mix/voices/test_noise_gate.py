from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.mix.voices.noise_gate import HOLD_MS, HYSTERESIS_DB, RANGE_DB, RELEASE_MS, NoiseGate, loudest_db

HOLD = HOLD_MS // 10
RELEASE = RELEASE_MS // 10


def tone(level_db: float, frames: int = 1) -> NDArray[np.float32]:
    """Return frames of a sine whose RMS is `level_db`."""
    at = np.arange(frames * FRAME_SAMPLES) / SAMPLE_RATE
    return (10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * 400 * at)).astype(np.float32)


def through(gate: NoiseGate, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    out = sound.copy()
    for frame in out.reshape(-1, FRAME_SAMPLES):
        gate.process(frame)
    return out


def closed() -> NoiseGate:
    gate = NoiseGate(-40.0)
    through(gate, tone(-60, HOLD + RELEASE + 2))
    assert gate.gain_db == pytest.approx(-RANGE_DB)
    return gate


def test_what_is_louder_than_the_threshold_passes_bit_by_bit() -> None:
    sound = tone(-30, 40)
    assert np.array_equal(through(NoiseGate(-40.0), sound), sound)


def test_without_a_threshold_everything_passes() -> None:
    gate, sound = NoiseGate(), tone(-90, 100)
    assert np.array_equal(through(gate, sound), sound)
    assert gate.is_idle


def test_what_is_quieter_is_lowered_by_the_range_after_hold_and_release() -> None:
    gate, sound = NoiseGate(-40.0), tone(-60, HOLD + RELEASE + 10)
    out = through(gate, sound).reshape(-1, FRAME_SAMPLES)
    heard = sound.reshape(-1, FRAME_SAMPLES)
    assert np.array_equal(out[: HOLD - 1], heard[: HOLD - 1])
    assert loudest_db(out[-1]) == pytest.approx(-60 - RANGE_DB, abs=0.2)
    levels = [loudest_db(frame) for frame in out[HOLD - 1 :]]
    assert all(after < before + 0.5 for before, after in pairwise(levels))
    assert np.diff(levels).min() > -2 * RANGE_DB / RELEASE  # no step


def test_it_opens_at_the_first_sample_of_the_frame_in_which_somebody_speaks() -> None:
    gate = closed()
    frame = np.concatenate((tone(-70)[:300], tone(-20)[300:]))
    out = through(gate, frame)
    assert np.array_equal(out[300:], frame[300:])


def test_a_consonant_of_three_milliseconds_opens_it() -> None:
    gate = closed()
    click = np.zeros(FRAME_SAMPLES, np.float32)
    click[200:344] = tone(-32)[200:344]
    assert np.array_equal(through(gate, click)[200:344], click[200:344])


def test_it_does_not_flutter_between_its_two_thresholds() -> None:
    between = tone(-40 - HYSTERESIS_DB / 2, 100)
    still_closed = closed()
    through(still_closed, between)
    assert still_closed.gain_db == pytest.approx(-RANGE_DB)
    still_open = NoiseGate(-40.0)
    through(still_open, tone(-30))
    assert np.array_equal(through(still_open, between), between)


def test_a_pause_shorter_than_the_hold_is_left_alone() -> None:
    gate = NoiseGate(-40.0)
    through(gate, tone(-30))
    pause = tone(-60, HOLD - 1)
    assert np.array_equal(through(gate, pause), pause)
    word = tone(-30, 2)
    assert np.array_equal(through(gate, word), word)


def test_switching_it_off_opens_it_without_a_step() -> None:
    gate = closed()
    gate.change_to(None)
    assert not gate.is_idle
    sound = tone(-20, 2)
    out = through(gate, sound)
    assert np.abs(np.diff(out)).max() < 2 * np.abs(np.diff(sound)).max()
    assert np.array_equal(out[FRAME_SAMPLES:], sound[FRAME_SAMPLES:])
    assert gate.is_idle


def test_digital_silence_has_no_level() -> None:
    gate = closed()
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    assert loudest_db(silence) == float("-inf")
    assert not through(gate, silence).any()


@pytest.mark.parametrize(("level_db", "opens"), [(-40.4, False), (-39.6, True)])
def test_a_closed_gate_opens_at_its_threshold(level_db: float, opens: bool) -> None:
    gate = closed()
    through(gate, tone(level_db, 3))
    assert (gate.gain_db == 0) is opens


def test_it_closes_evenly_in_decibels_within_the_release() -> None:
    gate = NoiseGate(-40.0)
    through(gate, tone(-60, HOLD - 1 + RELEASE // 2))
    assert gate.gain_db == pytest.approx(-RANGE_DB / 2)
    through(gate, tone(-60, RELEASE // 2))
    assert gate.gain_db == pytest.approx(-RANGE_DB)


def test_its_opening_is_a_ramp_of_two_milliseconds() -> None:
    gate, even = closed(), np.full(FRAME_SAMPLES, 0.5, np.float32)
    out = through(gate, even)
    assert out[0] < 0.05
    assert np.diff(out[:96]).min() > 0
    assert np.array_equal(out[96:], even[96:])
    assert out[94] < 0.5
