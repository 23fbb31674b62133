from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.play.resample import Resampler


def resampled(sound: NDArray[np.float32], steps: list[float], blocks: list[int]) -> NDArray[np.float32]:
    resampler = Resampler()
    frames = iter(np.pad(sound, (0, 4 * FRAME_SAMPLES)).reshape(-1, 1, FRAME_SAMPLES))
    made, number = [], 0
    while sum(len(block) for block in made) < len(sound):
        block = np.empty((1, blocks[number % len(blocks)]), np.float32)
        resampler.process(block, steps[number % len(steps)], lambda _: next(frames))
        made.append(block[0])
        number += 1
    return np.concatenate(made)[: len(sound)]


@pytest.mark.parametrize("hertz", [100, 1000, 3400, 8000, 12_000])
def test_the_resampler_adds_nothing_to_a_tone_anywhere_in_the_band_of_speech(hertz: int) -> None:
    sound = np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    heard = resampled(sound, [1.0003], [480, 37, 1000])[1000:-1000].astype(np.float64)
    turns = 2 * np.pi * hertz * 1.0003 * np.arange(len(heard)) / SAMPLE_RATE
    basis = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    rest = heard - basis @ np.linalg.lstsq(basis, heard, rcond=None)[0]
    assert 10 * np.log10(np.mean(heard**2) / np.mean(rest**2)) > 80


def test_at_the_pace_of_the_input_the_resampler_only_delays() -> None:
    sound = np.random.default_rng(1).standard_normal(4800).astype(np.float32)
    smooth = np.convolve(sound, np.ones(8) / 8, "same").astype(np.float32)
    heard = resampled(smooth, [1.0], [480])
    assert np.abs(heard[1:] - smooth[:-1]).max() < 0.01


def test_the_resampler_tells_when_a_frame_will_be_heard() -> None:
    told: list[float] = []

    def pull(ahead: float) -> NDArray[np.float32]:
        told.append(ahead)
        frame = np.zeros((1, FRAME_SAMPLES), np.float32)
        frame[0, 0] = 1.0
        return frame

    out = np.empty((1, FRAME_SAMPLES * 3), np.float32)
    Resampler().process(out, 1.0, pull)
    first = [round(ahead) for ahead in told if ahead < out.shape[1]]
    assert np.flatnonzero(out[0] > 0.9).tolist() == first
    assert len(first) == 3
