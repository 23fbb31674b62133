"""The figures of a talker, as WebRTC counts them."""

from __future__ import annotations

import numpy as np
import pytest

from common.messages import FRAME_SAMPLES
from workers.media.receive.receive_stats import INTERRUPTION_SAMPLES, ReceiveStats
from workers.media.receive.voice.playout_queue import PlayoutFrame

MS = 1_000_000


def frame(made: int = 0, recovered: int = 0) -> PlayoutFrame:
    return PlayoutFrame(np.zeros(FRAME_SAMPLES, np.int16), 0, made, recovered)


def play(stats: ReceiveStats, concealed: int) -> None:
    """Play a gap of `concealed` frames between real ones."""
    for made in (0, *[FRAME_SAMPLES] * concealed, 0):
        stats.record_frame(frame(made), speaking=True)


def test_a_gap_is_one_event_and_an_interruption_only_if_it_is_long() -> None:
    stats = ReceiveStats()
    play(stats, 3)
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (1, 3, 3 * FRAME_SAMPLES)
    assert stats.interruptions == 0
    frames = INTERRUPTION_SAMPLES // FRAME_SAMPLES
    play(stats, frames)
    assert (stats.concealment_events, stats.interruptions, stats.interruption_ms) == (2, 1, 10 * frames)


def test_silence_lengthens_an_open_gap() -> None:
    stats = ReceiveStats()
    stats.record_frame(frame(FRAME_SAMPLES), speaking=True)
    for _ in range(14):
        stats.record_silence()
    stats.record_frame(frame(), speaking=True)
    assert (stats.interruptions, stats.interruption_ms) == (1, 150)


def test_a_pause_of_the_sender_was_no_gap() -> None:
    stats = ReceiveStats()
    for _ in range(3):
        stats.record_frame(frame(FRAME_SAMPLES), speaking=True)
    stats.record_silence()
    stats.undo_gap()
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (0, 0, 0)


def test_jitter_is_rfc_3550s_and_ignores_another_timeline() -> None:
    stats = ReceiveStats()
    for transit in (0, 16 * MS, 5_000_000 * MS, 5_000_000 * MS):
        stats.record_arrival(transit)
    assert stats.jitter_ns == pytest.approx(MS * 15 / 16)


def test_delays_are_summed_and_the_latest_averaged() -> None:
    stats = ReceiveStats()
    stats.record_played(20 * MS, 10 * MS, redundant=False)
    stats.record_played(40 * MS, 30 * MS, redundant=True)
    figures = stats.figures()
    assert (figures["delay_ms"], figures["red_packets"], figures["jitter_buffer_emitted_count"]) == (30.0, 1, 2)
    assert (figures["jitter_buffer_delay_s"], figures["jitter_buffer_target_delay_s"]) == (0.06, 0.04)


def heard(stats: ReceiveStats, made: int = 0, recovered: int = 0, *, speaking: bool = True) -> None:
    stats.record_frame(frame(made, recovered), speaking=speaking)


def test_a_new_talker_has_counted_nothing() -> None:
    assert set(ReceiveStats().figures().values()) == {0}
    assert ReceiveStats().delay_ns == 0.0


def test_frames_are_counted_by_what_they_hold() -> None:
    stats = ReceiveStats()
    heard(stats)
    heard(stats, recovered=1)
    heard(stats, speaking=False)
    assert (stats.frames, stats.recovered, stats.spoken) == (3, 1, 2)
    assert (stats.concealed, stats.concealment_events, stats.figures()["heard_s"]) == (0, 0, 0.02)


def test_a_gap_of_several_frames_is_one_event() -> None:
    stats = ReceiveStats()
    for made in (100, FRAME_SAMPLES, 50, 0, 10):
        heard(stats, made)
    assert (stats.concealed, stats.concealed_samples, stats.concealment_events) == (4, 640, 3)
    assert stats.interruptions == 0


@pytest.mark.parametrize(("missing", "interruptions"), [(INTERRUPTION_SAMPLES - 1, 0), (INTERRUPTION_SAMPLES, 1)])
def test_a_gap_of_150_ms_is_an_interruption(missing: int, interruptions: int) -> None:
    stats = ReceiveStats()
    whole, rest = divmod(missing, FRAME_SAMPLES)
    for _ in range(whole):
        heard(stats, FRAME_SAMPLES)
    heard(stats, rest)
    assert stats.interruptions == interruptions
    assert stats.interruption_ms == 150 * interruptions


def test_silence_is_part_of_an_open_gap_only() -> None:
    stats = ReceiveStats()
    stats.record_silence()
    heard(stats, FRAME_SAMPLES)
    for _ in range(14):
        stats.record_silence()
    heard(stats)
    assert (stats.interruptions, stats.interruption_ms) == (1, 150)
    for _ in range(20):
        stats.record_silence()
    heard(stats)
    assert stats.interruptions == 1


def test_a_pause_of_the_sender_is_no_gap() -> None:
    stats = ReceiveStats()
    heard(stats, 100)
    for _ in range(2):
        heard(stats, FRAME_SAMPLES)
    stats.undo_gap()
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (1, 1, 100)
    stats.undo_gap()  # nothing is open
    heard(stats, 20)
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (2, 2, 120)


def test_jitter_is_a_sixteenth_of_each_step_and_another_timeline_is_no_jitter() -> None:
    stats = ReceiveStats()
    stats.record_arrival(100 * MS)
    assert stats.jitter_ns == 0
    stats.record_arrival(84 * MS)
    assert stats.jitter_ns == MS
    stats.record_arrival(84 * MS)
    assert stats.jitter_ns == MS - MS / 16
    before = stats.jitter_ns
    stats.record_arrival(1084 * MS)
    assert stats.jitter_ns == before
    stats.record_arrival(1084 * MS + 999_999_999)
    assert stats.jitter_ns > 60 * MS
    assert stats.figures()["jitter_ms"] == round(stats.jitter_ns / 1e6, 2)


def test_delays_are_summed_and_the_last_hundred_averaged() -> None:
    stats = ReceiveStats()
    stats.record_played(500 * MS, 40 * MS, redundant=False)
    assert stats.delay_ns == 500 * MS
    for _ in range(100):
        stats.record_played(20 * MS, 40 * MS, redundant=False)
    found = stats.figures()
    assert stats.delay_ns == 20 * MS
    assert found["delay_ms"] == 20
    assert found["jitter_buffer_delay_s"] == 2.5
    assert found["jitter_buffer_target_delay_s"] == 4.04
    assert found["jitter_buffer_emitted_count"] == 101


def test_a_pause_right_after_the_first_packet_is_no_gap_either() -> None:
    stats = ReceiveStats()
    heard(stats, FRAME_SAMPLES)
    stats.undo_gap()
    assert (stats.concealment_events, stats.concealed, stats.concealed_samples) == (0, 0, 0)


def test_figures_are_rounded_to_what_can_be_read() -> None:
    stats = ReceiveStats()
    assert (stats.buffer_delay_ns, stats.target_delay_ns, stats.emitted) == (0, 0, 0)
    stats.record_played(12_345_678, 123_456_789, redundant=False)
    found = stats.figures()
    assert (found["delay_ms"], found["jitter_buffer_delay_s"]) == (12.35, 0.012)
    assert found["jitter_buffer_target_delay_s"] == 0.123
    stats.record_played(10**15, 10**15, redundant=False)
    assert stats.figures()["jitter_buffer_delay_s"] == 1_000_000.012
    assert stats.figures()["jitter_buffer_target_delay_s"] == 1_000_000.123


def test_the_mean_delay_is_of_the_last_hundred_packets_not_fewer() -> None:
    stats = ReceiveStats()
    for delay_ms in [7, 500, *[20] * 99]:
        stats.record_played(delay_ms * MS, 0, redundant=False)
    assert stats.delay_ns == (500 + 99 * 20) * MS / 100
