from __future__ import annotations

import numpy as np

from workers.recorder.export.waveform import BACKGROUND, COLOUR, HEIGHT, MIDDLE, WIDTH, picture


def test_the_loud_part_is_tall_and_the_silent_one_a_line() -> None:
    made = picture([np.zeros(4800, np.int16)] * 50 + [np.full(4800, -32768, np.int16)] * 50)
    assert made.shape == (HEIGHT, WIDTH, 3)
    left, right = made[:, WIDTH // 4], made[:, 3 * WIDTH // 4]
    assert not (left == COLOUR).all(axis=1).any()
    assert (left == MIDDLE).all(axis=1).sum() == 2
    assert (right == COLOUR).all(axis=1).sum() > HEIGHT / 2
    assert tuple(made[0, 0]) == BACKGROUND


def test_no_sound_is_a_line() -> None:
    assert not (picture([]) == COLOUR).all(axis=2).any()
