"""What is counted of a talker's packets and frames."""

from __future__ import annotations

import numpy as np
import pytest
from workers.media.receive.stats import INTERRUPTION, Stats
from workers.media.receive.voice.playout import Cut

from common.messages import FRAME_SAMPLES

MS = 1_000_000


def frame(stats: Stats, made: int = 0, recovered: int = 0, *, speaking: bool = True) -> None:
    stats.note_frame(Cut(np.zeros(FRAME_SAMPLES, np.int16), 0, made, recovered), speaking=speaking)


def test_a_new_talker_has_counted_nothing() -> None:
    assert set(Stats().figures().values()) == {0}
    assert Stats().delay_ns == 0.0


def test_frames_are_counted_by_what_they_hold() -> None:
    stats = Stats()
    frame(stats)
    frame(stats, recovered=1)
    frame(stats, speaking=False)
    assert (stats.frames, stats.recovered, stats.spoken) == (3, 1, 2)
    assert (stats.concealed, stats.concealment_events, stats.figures()["heard_s"]) == (0, 0, 0.02)


def test_a_gap_of_several_frames_is_one_event() -> None:
    stats = Stats()
    for made in (100, FRAME_SAMPLES, 50, 0, 10):
        frame(stats, made)
    assert (stats.concealed, stats.concealed_samples, stats.concealment_events) == (4, 640, 3)
    assert stats.interruptions == 0


@pytest.mark.parametrize(("missing", "interruptions"), [(INTERRUPTION - 1, 0), (INTERRUPTION, 1)])
def test_a_gap_of_150_ms_is_an_interruption(missing: int, interruptions: int) -> None:
    stats = Stats()
    whole, rest = divmod(missing, FRAME_SAMPLES)
    for _ in range(whole):
        frame(stats, FRAME_SAMPLES)
    frame(stats, rest)
    assert stats.interruptions == interruptions
    assert stats.interruption_ms == 150 * interruptions


def test_silence_is_part_of_an_open_gap_only() -> None:
    stats = Stats()
    stats.note_nothing()
    frame(stats, FRAME_SAMPLES)
    for _ in range(14):
        stats.note_nothing()
    frame(stats)
    assert (stats.interruptions, stats.interruption_ms) == (1, 150)
    for _ in range(20):
        stats.note_nothing()
    frame(stats)
    assert stats.interruptions == 1


def test_a_pause_of_the_sender_is_no_gap() -> None:
    stats = Stats()
    frame(stats, 100)
    for _ in range(2):
        frame(stats, FRAME_SAMPLES)
    stats.forgive()
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (1, 1, 100)
    stats.forgive()  # nothing is open
    frame(stats, 20)
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (2, 2, 120)


def test_jitter_is_a_sixteenth_of_each_step_and_another_timeline_is_none() -> None:
    stats = Stats()
    stats.note_arrival(100 * MS)
    assert stats.jitter_ns == 0
    stats.note_arrival(84 * MS)
    assert stats.jitter_ns == MS
    stats.note_arrival(84 * MS)
    assert stats.jitter_ns == MS - MS / 16
    before = stats.jitter_ns
    stats.note_arrival(1084 * MS)
    assert stats.jitter_ns == before
    stats.note_arrival(1084 * MS + 999_999_999)
    assert stats.jitter_ns > 60 * MS
    assert stats.figures()["jitter_ms"] == round(stats.jitter_ns / 1e6, 2)


def test_delays_are_summed_and_the_last_hundred_averaged() -> None:
    stats = Stats()
    stats.note_played(500 * MS, 40 * MS)
    assert stats.delay_ns == 500 * MS
    for _ in range(100):
        stats.note_played(20 * MS, 40 * MS)
    found = stats.figures()
    assert stats.delay_ns == 20 * MS
    assert found["delay_ms"] == 20
    assert found["jitter_buffer_delay_s"] == 2.5
    assert found["jitter_buffer_target_delay_s"] == 4.04
    assert found["jitter_buffer_emitted_count"] == 101


def test_a_pause_right_after_the_first_packet_is_no_gap_either() -> None:
    stats = Stats()
    frame(stats, FRAME_SAMPLES)
    stats.forgive()
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (0, 0, 0)


def test_figures_are_rounded_to_what_can_be_read() -> None:
    stats = Stats()
    assert (stats.buffer_delay_ns, stats.target_delay_ns, stats.emitted) == (0, 0, 0)
    stats.note_played(12_345_678, 123_456_789)
    found = stats.figures()
    assert (found["delay_ms"], found["jitter_buffer_delay_s"]) == (12.35, 0.012)
    assert found["jitter_buffer_target_delay_s"] == 0.123
    stats.note_played(10**15, 10**15)
    assert stats.figures()["jitter_buffer_delay_s"] == 1_000_000.012
    assert stats.figures()["jitter_buffer_target_delay_s"] == 1_000_000.123


def test_the_mean_delay_is_of_the_last_hundred_packets_not_fewer() -> None:
    stats = Stats()
    for delay_ms in [7, 500, *[20] * 99]:
        stats.note_played(delay_ms * MS, 0)
    assert stats.delay_ns == (500 + 99 * 20) * MS / 100
