"""Time scaling: in pauses exactly what is wanted, in speech by its pitch, in noise not at all."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workers.media.receive.voice.sounds import hum
from workers.media.receive.voice.time_scaling import SHARE, TimeScaler


def test_noise_keeps_its_pace_and_a_voice_changes_it_by_a_fifth_at_most() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 1920).astype(np.int16)
    assert len(TimeScaler().adjust(noise, 4800)) == 1920
    scaler = TimeScaler()
    for _ in range(50):
        scaler.adjust(hum(240), 48_000)
    assert 0.1 < scaler.removed / (50 * 1920) <= SHARE + 0.01
    scaler = TimeScaler()
    for _ in range(50):
        scaler.adjust(hum(240), -48_000)
    assert 0.1 < scaler.inserted / (50 * 1920) <= SHARE + 0.01


def test_quiet_gives_and_takes_exactly_what_is_wanted() -> None:
    quiet = np.random.default_rng(1).normal(0, 10, 1920).astype(np.int16)
    scaler = TimeScaler()
    for _ in range(10):
        scaler.adjust(quiet, 0)
    assert len(scaler.adjust(quiet, 700)) == 1920 - 700
    assert len(scaler.adjust(quiet, -700)) == 1920 + 700


def test_within_a_sentence_a_surplus_waits_for_a_pause() -> None:
    quiet = np.zeros(1920, np.int16)
    scaler = TimeScaler()
    for sound in (hum(240), quiet, quiet, hum(240)):
        assert len(scaler.adjust(sound, 2000)) == 1920


def scaler_in_a_pause() -> TimeScaler:
    """Return one after 280 ms of silence. The next quiet packet makes it a pause."""
    scaler = TimeScaler()
    for _ in range(7):
        scaler.adjust(np.zeros(1920, np.int16), 0)
    return scaler


@pytest.mark.parametrize("surplus", [1, 2, 700, -1, -2, -700])
def test_what_was_changed_is_counted_by_the_sample(surplus: int) -> None:
    scaler = scaler_in_a_pause()
    assert (scaler.removed, scaler.inserted) == (0, 0)
    assert len(scaler.adjust(np.zeros(1920, np.int16), surplus)) == 1920 - surplus
    assert (scaler.removed, scaler.inserted) == (max(surplus, 0), max(-surplus, 0))


def test_300_ms_of_quiet_are_a_pause_and_less_is_none() -> None:
    ten_ms = np.zeros(480, np.int16)
    scaler = TimeScaler()
    for _ in range(26):
        scaler.adjust(ten_ms, 0)
    assert len(scaler.adjust(np.zeros(1919, np.int16), 100)) == 1919, "a sample less than 300 ms"
    scaler = TimeScaler()
    for _ in range(26):
        scaler.adjust(ten_ms, 0)
    assert len(scaler.adjust(np.zeros(1920, np.int16), 100)) == 1820


@pytest.mark.parametrize("quiet", [{0, 1}, {1, 2}, {2, 3}, {0, 2, 3}])
def test_a_packet_gives_up_its_longest_quiet_stretch_but_for_5_ms(quiet: set[int]) -> None:
    sound = hum(240)
    for frame in quiet:
        sound[frame * 480 : frame * 480 + 480] = 0
    assert len(TimeScaler().adjust(sound, 10_000)) == 1920 - (960 - 240)


def test_speech_that_repeats_itself_badly_is_shortened_only_if_that_is_urgent() -> None:
    rough = (hum(240) + np.random.default_rng(2).normal(0, 4000, 1920)).astype(np.int16)
    scaler = TimeScaler()
    for _ in range(3):
        assert len(scaler.adjust(rough, 4800)) == 1920
    assert len(scaler.adjust(rough, 4800, urgent=True)) < 1920


def test_a_period_longer_than_what_was_saved_up_waits() -> None:
    scaler, long = TimeScaler(), hum(700)
    assert len(scaler.adjust(long, 4800)) == 1920, "384 samples are saved up after the first packet"
    assert len(scaler.adjust(long, 4800)) == pytest.approx(1920 - 700, abs=6)
