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


def sound(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int16)


def test_a_whole_frame_of_concealed_sound_counts_as_concealed() -> None:
    queue = PlayoutQueue()
    assert queue.ready == 0
    samples = sound(0, FRAME_SAMPLES)
    queue.append(Segment(samples, 7, made=True))
    assert queue.ready == FRAME_SAMPLES
    frame = queue.take()
    assert frame.samples is samples
    assert (frame.arrived_ns, frame.made, frame.recovered, queue.ready) == (7, FRAME_SAMPLES, 0, 0)


def test_segments_are_joined_and_cut_where_a_frame_ends() -> None:
    queue = PlayoutQueue()
    queue.append(Segment(sound(0, 300), 1, made=True))
    queue.append(Segment(sound(300, 500), 2, recovered=True))
    queue.append(Segment(sound(800, 160), 3))
    first, second = queue.take(), queue.take()
    assert np.array_equal(np.concatenate((first.samples, second.samples)), sound(0, 960))
    assert (first.arrived_ns, first.made, first.recovered) == (1, 300, 180)
    assert (second.arrived_ns, second.made, second.recovered) == (2, 0, 320)
    assert queue.ready == 0


def test_what_is_missing_at_the_end_is_silent() -> None:
    queue = PlayoutQueue()
    queue.append(Segment(sound(1, 100)))
    frame = queue.take()
    assert np.array_equal(frame.samples[:100], sound(1, 100))
    assert not frame.samples[100:].any()
    assert len(frame.samples) == FRAME_SAMPLES
    assert (frame.arrived_ns, frame.made, frame.recovered, queue.ready) == (0, 0, 0, 0)


def test_a_longer_segment_serves_several_frames() -> None:
    queue = PlayoutQueue()
    queue.append(Segment(sound(0, 1000), 5, made=True))
    found = [queue.take() for _ in range(2)]
    assert [frame.arrived_ns for frame in found] == [5, 5]
    assert queue.ready == 40
    assert np.array_equal(queue.take().samples[:40], sound(960, 40))


def test_an_empty_segment_is_left_out() -> None:
    queue = PlayoutQueue()
    queue.append(Segment(sound(0, 0)))
    queue.append(Segment(sound(0, FRAME_SAMPLES), 9))
    assert queue.take().arrived_ns == 9
