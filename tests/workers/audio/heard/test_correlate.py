from __future__ import annotations

import numpy as np
import pytest

from tests.support.correlate import best_match, windows
from tests.workers.audio.rig import babble

RATE = 48_000


def test_a_source_is_found_at_its_sample_whatever_its_level() -> None:
    source = babble(2.0)
    noise = np.random.default_rng(7).standard_normal(60 * RATE) * 0.001
    noise[1_234_567 : 1_234_567 + len(source)] += source / 32768 * 0.1
    match = best_match(noise, source, RATE)
    assert match.offset_samples == 1_234_567
    assert match.correlation > 0.9


def test_another_voice_is_no_match() -> None:
    recording = np.concatenate([babble(10.0, seed=1), np.zeros(RATE, np.int16), babble(10.0, seed=2)])
    assert best_match(recording, babble(2.0, seed=3), RATE).correlation < 0.3


def test_silence_with_a_constant_in_it_matches_nothing() -> None:
    assert best_match(np.full(RATE, 0.5), babble(0.5), RATE).correlation == 0.0


def test_a_lost_frame_shows_in_the_windows() -> None:
    source = babble(4.0)
    whole = np.concatenate([np.zeros(RATE, np.int16), source, np.zeros(RATE, np.int16)])
    cut = np.delete(whole, slice(RATE * 3, RATE * 3 + 480))
    assert {match.offset_samples for match in windows(whole, source, RATE)} == {RATE}
    assert {match.offset_samples for match in windows(cut, source, RATE)} >= {RATE, RATE - 480}


@pytest.mark.parametrize("source", [np.zeros(RATE), np.ones(100), np.ones(RATE * 9), np.zeros((RATE, 2))])
def test_a_source_that_cannot_be_found_is_an_error(source: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"silent|short|longer|mono"):
        best_match(np.zeros(RATE * 2), source, RATE)
