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
