"""Time scaling: in pauses exactly what is wanted, in speech by its pitch, in noise not at all."""

from __future__ import annotations

import numpy as np

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
