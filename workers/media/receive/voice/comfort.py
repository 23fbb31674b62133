"""Comfort noise by RFC 3389, from a level and the spectrum's shape as reflection coefficients."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from common.bus.voice.opus import Samples
from common.messages import FRAME_SAMPLES, SAMPLE_RATE

_LOOP = 9600
"""Noise repeats after 200 ms, which is inaudible, and so is computed once."""
_BAND_HZ = 4000
"""Narrow-band noise for any clock rate of the payload type, which is the safe choice."""
_MAX_ORDER = 32


class ComfortNoise:
    """A loop of noise. The same payload gives the same samples."""

    def __init__(self, payload: bytes) -> None:
        self._loop = _shape(payload)
        self._at = 0

    def next(self, count: int = FRAME_SAMPLES) -> Samples:
        """Return the next `count` samples (at most the loop's length)."""
        out = np.take(self._loop, np.arange(self._at, self._at + count), mode="wrap")
        self._at = (self._at + count) % _LOOP
        return out


def _shape(payload: bytes) -> Samples:
    """Return one loop with random phases and the model's spectrum, so that it repeats seamlessly."""
    level_dbov = payload[0] & 0x7F if payload else 127
    if level_dbov >= 100:
        return np.zeros(_LOOP, np.int16)
    frequencies = np.fft.rfftfreq(_LOOP, 1 / SAMPLE_RATE)
    inside = (frequencies > 50) & (frequencies < _BAND_HZ)
    turns = np.exp(-1j * np.pi * frequencies / _BAND_HZ)
    model = np.polynomial.polynomial.polyval(turns, _predictor(payload[1 : 1 + _MAX_ORDER]))
    size = np.where(inside, 1.0 / np.maximum(np.abs(model), 1e-3), 0.0)
    phases = np.random.default_rng(3389).uniform(0, 2 * np.pi, len(size))
    wave = np.fft.irfft(size * np.exp(1j * phases), _LOOP)
    wave *= 32768.0 * 10.0 ** (-level_dbov / 20.0) / max(float(np.sqrt(np.mean(wave * wave))), 1e-12)
    return np.rint(np.clip(wave, -32768, 32767)).astype(np.int16)


def _predictor(coefficients: bytes) -> npt.NDArray[np.float64]:
    """Return the whitening filter of quantised reflection coefficients (RFC 3389 section 3.1) by Levinson recursion."""
    model = np.array([1.0])
    for quantised in coefficients:
        reflection = np.clip((quantised - 127) / 127, -0.99, 0.99)
        longer = np.append(model, 0.0)
        model = longer + reflection * longer[::-1]
    return model
