"""What was said is found again where it is, and what was chopped is counted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.receive.networks.judge.found import Found, find
from benchmarks.receive.networks.speak.talk import talk, talker
from benchmarks.receive.networks.speak.voices import RATE

SECONDS = 8.0
TALK = talk(talker(11, 0, SECONDS))
SAID = TALK.samples.astype(np.float32)
MS = RATE // 1000


def _found(sound: np.ndarray, first_ms: float = 0.0) -> Found:
    sound = sound[: len(sound) // (10 * MS) * 10 * MS].astype(np.float32)
    stamps = (first_ms + np.arange(len(sound) // (10 * MS)) * 10) * 1e6
    return find(SAID, TALK.loud, sound, stamps.astype(np.int64), 0, 0.0)


@pytest.mark.parametrize("delay_ms", [0.0, 37.0, 400.0, 1300.0])
def test_the_delay_is_that_of_the_stamps(delay_ms: float) -> None:
    found = _found(SAID, delay_ms)
    assert found.unfound < 0.04  # the last window ends behind the last whole frame
    assert np.nanmax(np.abs(found.delays_ms - delay_ms)) < 0.2
    assert found.damaged == 0


def test_a_delay_that_grows_is_seen_where_it_grows() -> None:
    middle = len(SAID) // 2 // (10 * MS) * 10 * MS
    found = _found(np.concatenate((SAID[:middle], np.zeros(90 * MS), SAID[middle:])))
    assert found.delays_ms[0] == pytest.approx(0, abs=0.2)
    assert found.delays_ms[-2] == pytest.approx(90, abs=0.2)
    assert found.median_lag(SECONDS - 2, SECONDS) == pytest.approx(90 * MS, abs=2)


def test_each_piece_that_is_silent_counts_as_damaged_and_the_denominator_stays() -> None:
    loud = np.flatnonzero(TALK.loud)
    sound = SAID.copy()
    for frame in loud[10:60]:
        sound[frame * 10 * MS : (frame + 1) * 10 * MS] = 0
    pieces = len(SAID) // (20 * MS)
    spoken = sum(TALK.loud[2 * piece : 2 * piece + 2].mean() > 0.5 for piece in range(pieces))
    assert _found(sound).damaged * spoken == pytest.approx(25, abs=6)
    assert len(_found(sound).delays_ms) == len(_found(SAID).delays_ms)


def test_noise_is_found_nowhere() -> None:
    found = _found(np.random.default_rng(1).normal(0, 1000, len(SAID)))
    assert found.unfound == found.damaged == 1
