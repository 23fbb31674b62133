"""Fades, crossfades and levels."""

from __future__ import annotations

import numpy as np
import pytest

from common.bus.voice.conceal import (
    FADE_FROM_SAMPLES,
    FADE_TO_SAMPLES,
    SEAM,
    SILENCE_DB,
    fade,
    level_db,
    merge,
    release,
)
from common.messages import FRAME_SAMPLES

LOUD = np.full(FRAME_SAMPLES, 10_000, np.int16)


def test_concealed_sound_keeps_its_level_and_then_fades_out() -> None:
    assert fade(LOUD, FADE_FROM_SAMPLES - FRAME_SAMPLES) is LOUD
    half = fade(LOUD, (FADE_FROM_SAMPLES + FADE_TO_SAMPLES) // 2)
    assert half[0] == 5_000
    assert np.all(np.diff(half) <= 0)
    assert not fade(LOUD, FADE_TO_SAMPLES).any()


def test_a_release_goes_from_the_full_level_to_silence() -> None:
    found = release(LOUD)
    assert (found[0], found[-1]) == (10_000, 0)


def test_a_merge_begins_with_the_concealed_and_ends_with_the_real_sound() -> None:
    real = np.zeros(FRAME_SAMPLES, np.int16)
    found = merge(LOUD, real)
    assert (found[0], found[SEAM - 1], len(found)) == (10_000, 0, FRAME_SAMPLES)
    assert not real.any(), "the real sound itself is not changed"
    assert merge(LOUD[:0], real) is real


def test_levels_are_in_dbfs() -> None:
    assert level_db(np.full(FRAME_SAMPLES, 32_767, np.int16)) == pytest.approx(0.0, abs=0.01)
    assert level_db(np.full(FRAME_SAMPLES, 3_277, np.int16)) == pytest.approx(-20.0, abs=0.01)
    assert level_db(np.zeros(FRAME_SAMPLES, np.int16)) == level_db(np.zeros(0, np.int16)) == SILENCE_DB
