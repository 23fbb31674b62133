from __future__ import annotations

import numpy as np

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.mix.video_delay import MOST_MS, VideoDelay


def through(delay: VideoDelay, sound: np.ndarray) -> np.ndarray:
    heard = sound.copy().reshape(-1, 1, FRAME_SAMPLES)
    for frame in heard:
        delay.process(frame)
    return heard.reshape(-1)


def test_the_mix_is_held_back_bit_by_bit_up_to_two_seconds() -> None:
    sound = np.random.default_rng(1).standard_normal(SAMPLE_RATE * 5).astype(np.float32)
    for delay_ms in (0.0, 33.3, 1000.0, MOST_MS):
        delay = VideoDelay()
        delay.set_ms(delay_ms)
        late = round(delay_ms * 48)
        heard = through(delay, sound)
        assert np.array_equal(heard[FRAME_SAMPLES + late :], sound[FRAME_SAMPLES : len(sound) - late])


def test_another_delay_comes_without_a_click() -> None:
    sound = np.cos(2 * np.pi * 200 * np.arange(SAMPLE_RATE * 3) / SAMPLE_RATE).astype(np.float32)
    delay = VideoDelay()
    first = through(delay, sound[:SAMPLE_RATE])
    delay.set_ms(402.5)  # lands in the opposite phase, at a crest: without a fade it would jump by 2
    second = through(delay, sound[SAMPLE_RATE : 2 * SAMPLE_RATE])
    delay.set_ms(0)
    third = through(delay, sound[2 * SAMPLE_RATE :])
    steepest = np.abs(np.diff(sound)).max()
    assert np.abs(np.diff(np.concatenate([first, second, third]))).max() < steepest + 2 / FRAME_SAMPLES
    assert np.array_equal(third[FRAME_SAMPLES:], sound[2 * SAMPLE_RATE + FRAME_SAMPLES :])


def frame(value: float, rows: int = 1) -> np.ndarray:
    return np.full((rows, FRAME_SAMPLES), value, np.float32)


def test_without_a_delay_every_frame_passes_as_it_is() -> None:
    delay, sound = VideoDelay(), np.random.default_rng(1).standard_normal(3 * FRAME_SAMPLES).astype(np.float32)
    assert np.array_equal(through(delay, sound), sound)
    delay.set_ms(-5)
    assert np.array_equal(through(delay, sound), sound)


def test_from_one_delay_to_another_each_row_goes_evenly_within_a_frame() -> None:
    delay, ramp = VideoDelay(2), np.arange(1, FRAME_SAMPLES + 1) / FRAME_SAMPLES
    delay.process(frame(0.0, 2))
    delay.set_ms(10)
    heard = frame(1.0, 2)
    heard[1] = 0.5
    delay.process(heard)
    assert np.allclose(heard[0], 1 - ramp, atol=1e-6)
    assert np.allclose(heard[1], 0.5 * (1 - ramp), atol=1e-6)
    later = frame(0.0, 2)
    delay.process(later)
    assert np.array_equal(later[0], frame(1.0)[0])


def test_more_than_two_seconds_are_two() -> None:
    delay = VideoDelay()
    delay.set_ms(5000)
    sound = np.random.default_rng(1).standard_normal(SAMPLE_RATE * 3).astype(np.float32)
    heard = through(delay, sound)
    assert np.array_equal(heard[2 * SAMPLE_RATE :], sound[:SAMPLE_RATE])
