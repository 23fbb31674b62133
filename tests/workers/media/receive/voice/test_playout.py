"""Decoded sound of any lengths in, frames of 10 ms out."""

from __future__ import annotations

import numpy as np
from workers.media.receive.voice.playout import Piece, Playout

from common.messages import FRAME_SAMPLES


def sound(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int16)


def test_a_piece_of_one_frame_goes_through_as_it_is() -> None:
    playout = Playout()
    assert playout.ready == 0
    samples = sound(0, FRAME_SAMPLES)
    playout.append(Piece(samples, 7, made=True))
    assert playout.ready == FRAME_SAMPLES
    cut = playout.take()
    assert cut.samples is samples
    assert (cut.arrived_ns, cut.made, cut.recovered, playout.ready) == (7, FRAME_SAMPLES, 0, 0)


def test_pieces_are_joined_and_cut_where_a_frame_ends() -> None:
    playout = Playout()
    playout.append(Piece(sound(0, 300), 1, made=True))
    playout.append(Piece(sound(300, 500), 2, recovered=True))
    playout.append(Piece(sound(800, 160), 3))
    first, second = playout.take(), playout.take()
    assert np.array_equal(np.concatenate((first.samples, second.samples)), sound(0, 960))
    assert (first.arrived_ns, first.made, first.recovered) == (1, 300, 180)
    assert (second.arrived_ns, second.made, second.recovered) == (2, 0, 320)
    assert playout.ready == 0


def test_what_is_missing_at_the_end_is_silent() -> None:
    playout = Playout()
    playout.append(Piece(sound(1, 100)))
    cut = playout.take()
    assert np.array_equal(cut.samples[:100], sound(1, 100))
    assert not cut.samples[100:].any()
    assert (len(cut.samples), cut.arrived_ns, cut.made, cut.recovered, playout.ready) == (FRAME_SAMPLES, 0, 0, 0, 0)


def test_a_longer_piece_serves_several_frames() -> None:
    playout = Playout()
    playout.append(Piece(sound(0, 1000), 5, made=True))
    found = [playout.take() for _ in range(2)]
    assert [cut.arrived_ns for cut in found] == [5, 5]
    assert playout.ready == 40
    assert np.array_equal(playout.take().samples[:40], sound(960, 40))


def test_an_empty_piece_is_none() -> None:
    playout = Playout()
    playout.append(Piece(sound(0, 0)))
    playout.append(Piece(sound(0, FRAME_SAMPLES), 9))
    assert playout.take().arrived_ns == 9
