"""Segments in, whole frames out."""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_SAMPLES
from workers.media.receive.voice.playout_queue import PlayoutQueue, Segment


def segment(value: int, count: int, arrived_ns: int = 0, *, made: bool = False, recovered: bool = False) -> Segment:
    return Segment(np.full(count, value, np.int16), arrived_ns, made, recovered)


def test_a_segment_of_one_frame_is_passed_on_as_it_is() -> None:
    queue = PlayoutQueue()
    one = segment(3, FRAME_SAMPLES, 7)
    samples = one.samples
    queue.append(one)
    frame = queue.take()
    assert frame.samples is samples
    assert (frame.arrived_ns, frame.made, frame.recovered, queue.ready) == (7, 0, 0, 0)


def test_a_frame_of_several_segments_counts_what_was_concealed_and_recovered() -> None:
    queue = PlayoutQueue()
    queue.append(segment(1, 100, 7, made=True))
    queue.append(segment(2, 300, 8, recovered=True))
    queue.append(segment(3, 500, 9))
    frame = queue.take()
    assert np.array_equal(np.unique(frame.samples, return_counts=True), ([1, 2, 3], [100, 300, 80]))
    assert (frame.arrived_ns, frame.made, frame.recovered, queue.ready) == (7, 100, 300, 420)


def test_the_last_frame_is_filled_with_silence() -> None:
    queue = PlayoutQueue()
    queue.append(segment(5, 0))
    queue.append(segment(5, 10))
    frame = queue.take()
    assert (int(frame.samples[:10].min()), int(frame.samples[10:].max()), queue.ready) == (5, 0, 0)
