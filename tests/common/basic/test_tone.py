"""The test tone: its pitch, level, fades and length."""

from __future__ import annotations

import numpy as np
import pytest

from common.basic.tone import FADE_FRAMES, FRAME, LEVEL_DB, RATE, Tone


def played(tone: Tone, frames: int, under: float = 0.0) -> np.ndarray:
    out = np.full((frames, FRAME), under, np.float32)
    for frame in out:
        tone.add_to(frame)
    return out.ravel()


def test_it_is_one_kilohertz_at_its_level_and_ends_in_time():
    tone = Tone()
    tone.start(1.0)
    sound = played(tone, 110)
    middle = sound[20 * FRAME : 80 * FRAME]
    assert np.argmax(np.abs(np.fft.rfft(middle))) * RATE / len(middle) == 1000
    assert 20 * np.log10(np.abs(middle).max()) == pytest.approx(LEVEL_DB, abs=0.01)
    assert not np.any(sound[100 * FRAME :])
    assert not tone.is_on


def test_it_fades_in_and_out_without_a_click():
    tone = Tone()
    tone.start(1.0)
    sound = played(tone, 101)
    assert np.abs(np.diff(sound)).max() <= 0.1 * 2 * np.pi * 1000 / RATE * 1.01
    assert np.abs(sound[:FRAME]).max() < 0.01
    assert np.abs(sound[99 * FRAME : 100 * FRAME]).max() < 0.01


def test_nothing_is_touched_without_it_and_a_full_mix_does_not_clip_with_it():
    tone = Tone()
    assert np.all(played(tone, 3, 0.5) == 0.5)
    tone.start(0.6)
    assert np.abs(played(tone, 60, 1.0)).max() <= 1.0 + 1e-6


def test_a_very_short_one_has_both_fades():
    tone = Tone()
    tone.start(0.01)
    assert tone.is_on
    played(tone, 2 * FADE_FRAMES)
    assert not tone.is_on
