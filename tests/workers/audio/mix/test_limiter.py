from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.mix.limiter import CEILING, LOOK_AHEAD, Limiter


def run(sound: NDArray[np.float32]) -> tuple[NDArray[np.float32], Limiter]:
    """Return `sound` limited, its delay taken out."""
    limiter = Limiter()
    count = -(-(len(sound) + LOOK_AHEAD) // FRAME_SAMPLES) * FRAME_SAMPLES
    padded = np.zeros(count, np.float32)
    padded[: len(sound)] = sound
    for start in range(0, count, FRAME_SAMPLES):
        limiter.process(padded[start : start + FRAME_SAMPLES])
    return padded[LOOK_AHEAD : LOOK_AHEAD + len(sound)], limiter


def tone(hertz: float, level: float, seconds: float = 1.0) -> NDArray[np.float32]:
    when = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * when)).astype(np.float32)


def test_below_the_ceiling_every_sample_passes_as_it_is() -> None:
    sound = tone(440, 0.98)
    out, limiter = run(sound)
    assert np.array_equal(out, sound)
    assert limiter.limited == 0


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.01, 160.0),
    st.integers(1, 400),
)
@settings(max_examples=60)
def test_nothing_ever_passes_the_ceiling(seed: int, level: float, grain: int) -> None:
    noise = np.random.default_rng(seed)
    envelope = np.repeat(noise.uniform(0, 1, 4800 // grain + 1), grain)[:4800] ** 4
    sound = (noise.uniform(-1, 1, len(envelope)) * envelope * level).astype(np.float32)
    out, _ = run(sound)
    assert float(np.abs(out).max()) <= CEILING


def test_a_peak_is_met_by_a_gain_that_came_down_before_it_not_by_clipping() -> None:
    sound = tone(300, 0.5)
    sound[24_000:28_800] *= 4
    out, _ = run(sound)
    gain = out[np.abs(sound) > 0.01] / sound[np.abs(sound) > 0.01]
    assert gain.max() <= 1 + 1e-6
    # A clipped tone has overtones; a turned-down one has hardly any.
    loud = out[25_200:28_200] * np.hanning(3000)
    spectrum = np.abs(np.fft.rfft(loud))
    fundamental = spectrum[round(300 * 3000 / SAMPLE_RATE) - 2 :][:5].max()
    third = spectrum[round(900 * 3000 / SAMPLE_RATE) - 2 :][:5].max()
    assert third < fundamental * 0.03


def test_the_gain_returns_to_exactly_one() -> None:
    sound = np.concatenate([tone(300, 2.0, 0.2), tone(300, 0.5, 3.0)])
    out, _ = run(sound)
    assert np.array_equal(out[-48_000:], sound[-48_000:])
