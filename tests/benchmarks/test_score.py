"""The scores find what was done to the sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soxr

from benchmarks.receive.judge import report, score
from benchmarks.receive.judge.score import FRAME, LOOKAHEAD_MS, OUT_RATE, Heard
from benchmarks.receive.rows import Row
from benchmarks.receive.speech import RATE, speech

MS = 1_000_000
BEGAN_NS = 50_000 * MS
SAID = speech(12.0)


def _sound() -> np.ndarray:
    return soxr.resample(SAID.samples.astype(np.float32), RATE, OUT_RATE)


def _heard(sound: np.ndarray, first_ms: float) -> Heard:
    """Return `sound` played from `first_ms` after packet 0 was sent."""
    frames = len(sound) // FRAME
    stamps = BEGAN_NS + first_ms * MS + np.arange(frames) * 10 * MS
    return Heard(sound[: frames * FRAME].astype(np.int16), stamps.astype(np.int64))


def _timing(heard: Heard) -> tuple[score.Floats, score.Timing]:
    sound = score.at_16k(heard)
    return sound, score.timing(heard, sound, SAID, BEGAN_NS)


@pytest.mark.parametrize("delay_ms", [0.0, 17.0, 140.0, 600.0])
def test_the_delay_is_that_of_the_stamps_whatever_lies_before_the_sound(delay_ms: float) -> None:
    lead = np.zeros(FRAME * 30, np.float32)
    _, found = _timing(_heard(np.concatenate((lead, _sound())), delay_ms - 300 + LOOKAHEAD_MS))
    assert len(found.delays_ms) > 40
    assert np.abs(found.delays_ms - delay_ms).max() < 0.2


def test_a_delay_that_changes_is_seen_where_it_changes() -> None:
    sound = _sound()
    middle = len(sound) // 2 // FRAME * FRAME
    later = np.concatenate((sound[:middle], np.zeros(FRAME * 5, np.float32), sound[middle:]))
    _, found = _timing(_heard(later, 20 + LOOKAHEAD_MS))
    assert found.delays_ms[0] == pytest.approx(20, abs=0.2)
    assert found.delays_ms[-1] == pytest.approx(70, abs=0.2)


def test_a_late_tick_is_counted_as_delay() -> None:
    heard = _heard(_sound(), 20 + LOOKAHEAD_MS)
    late = replace(heard, stamps_ns=heard.stamps_ns + np.where(np.arange(len(heard.stamps_ns)) > 600, 7 * MS, 0))
    _, found = _timing(late)
    assert found.delays_ms[0] == pytest.approx(20, abs=0.2)
    assert found.delays_ms[-1] == pytest.approx(27, abs=0.2)


def test_sound_that_has_nothing_to_do_with_what_was_said_has_no_delay() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 12 * OUT_RATE)
    sound, found = _timing(_heard(noise, 20))
    assert len(found.delays_ms) == 0
    assert score.interruptions(sound, SAID, found) == len(SAID.spurts)


@pytest.mark.parametrize(("gap_ms", "count"), [(0, 0), (90, 0), (200, 1), (900, 1)])
def test_only_gaps_of_150_ms_in_speech_are_interruptions(gap_ms: int, count: int) -> None:
    sound = _sound()
    first, end = SAID.spurts[1]
    levels = [np.abs(SAID.samples[at : at + 3200]).mean() for at in range(first, end - 16_000, 800)]
    at = (first + 800 * int(np.argmax(levels))) * 3
    sound[at : at + gap_ms * 48] = 0
    resampled, found = _timing(_heard(sound, 20 + LOOKAHEAD_MS))
    assert score.interruptions(resampled, SAID, found) == count


def test_each_sentence_is_aligned_for_itself() -> None:
    sound = _sound()
    pause = SAID.spurts[0][1] * 3 + FRAME
    later = np.concatenate((sound[:pause], np.zeros(FRAME * 4, np.float32), sound[pause:]))
    resampled, found = _timing(_heard(later, 0))
    spoken, heard = score.aligned_spurts(resampled, SAID, found)
    assert np.corrcoef(spoken, heard)[0, 1] > 0.99
    whole, shifted = score.aligned(resampled, SAID, found)
    assert len(whole) == len(shifted) == len(SAID.samples)
    assert np.corrcoef(whole, shifted)[0, 1] < 0.9


ROW = Row("loss-5", "ours", 45.0, 40.0, 60.0, 3.80, 0.98, 0, 0.01)
THEIRS = replace(ROW, system="chromium", delay_ms_median=50.0, pesq_wb=3.82)


def test_a_trace_is_won_by_quality_and_delay_together() -> None:
    assert report.verdict(ROW, THEIRS, 3.85).won
    assert not report.verdict(replace(ROW, pesq_wb=3.78), THEIRS, 3.8).won
    slow = report.verdict(replace(ROW, delay_ms_median=46.0), THEIRS, 3.85)
    assert not slow.won and "0.92 x Chromium" in slow.words
    assert "of the ceiling" in report.verdict(ROW, THEIRS, 3.95).words
    assert report.verdict(replace(ROW, trace="spikes-300"), THEIRS, 4.3).won
    assert "2 interruptions" in report.verdict(replace(ROW, interruptions=2), THEIRS, 3.85).words
    assert report.verdict(replace(ROW, trace="bursts-10", interruptions=2), THEIRS, 3.85).won


def test_a_clean_network_allows_twenty_milliseconds() -> None:
    clean = replace(ROW, trace="clean", delay_ms_median=21.0)
    assert "wanted 20" in report.verdict(clean, THEIRS, 3.8).words


def test_a_trace_that_was_not_understood_at_all_is_not_won() -> None:
    assert not report.verdict(replace(ROW, delay_ms_median=float("nan")), THEIRS, 3.8).won


def test_the_median_of_the_rounds_counts_for_each_figure() -> None:
    rows = [
        replace(ROW, pesq_wb=pesq, delay_ms_median=delay, round=at)
        for at, (pesq, delay) in enumerate([(3.7, 60.0), (3.9, 40.0), (3.8, 41.0)], 1)
    ]
    (middle,) = report.medians(rows)
    assert (middle.pesq_wb, middle.delay_ms_median) == (3.8, 41.0)
    assert middle.fields()["cpu_percent"] is None
