"""A resampler whose ratio may change at any sample. It pulls frames for as many samples as the device wants.

A Farrow structure has the taps of a windowed sinc, each as a polynomial in the fraction of a sample between two inputs.
The residual is below -90 dB up to 12 kHz, and the output is 12 samples late. soxr's variable rate is as clean and 240
samples late. Digital silence, as of the sides while nobody is panned, costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES

TAPS = 24
"""Chosen for a residual below -90 dB up to 12 kHz."""
DELAY = TAPS // 2
"""Inputs needed after the one that sounds."""
_ORDER = 5
_BETA = 10.0
"""Of the Kaiser window. The best compromise of band and residual at 24 taps."""
_CHUNK = FRAME_SAMPLES
_ROOM = TAPS + _CHUNK + 2 * FRAME_SAMPLES

Pull = Callable[[float], NDArray[np.float32]]
"""Returns the next frame, rows times `FRAME_SAMPLES`. Its argument is after how many output samples it is heard."""


def _design() -> NDArray[np.float32]:
    """Return the polynomials' coefficients: `TAPS` rows, powers 0 … `_ORDER` of the fraction around its middle."""
    fractions = (np.arange(64) + 0.5) / 64 - 0.5
    distance = np.arange(TAPS)[np.newaxis, :] - (DELAY - 1) - (0.5 + fractions[:, np.newaxis])
    window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / DELAY) ** 2)))
    taps = np.sinc(distance) * window
    taps /= taps.sum(axis=1, keepdims=True)
    powers = np.vander(fractions, _ORDER + 1, increasing=True)
    return np.ascontiguousarray(np.linalg.lstsq(powers, taps, rcond=None)[0].T, np.float32)


class Resampler:
    """A resampler of `rows` parallel signals. All arrays are allocated once. For one thread."""

    def __init__(self, rows: int = 1) -> None:
        self._rows = rows
        self._taps = _design()
        self._samples = np.zeros((rows, _ROOM), np.float32)
        self._windows = np.lib.stride_tricks.sliding_window_view(self._samples, TAPS, axis=1)
        self._count = DELAY
        """Samples held."""
        self._silent_since = [0] * rows
        """For each row, behind which of the samples held there is only digital silence."""
        self._at = 0.0
        """The position of the next output among them, where the filter begins."""
        self._near = np.empty((_CHUNK + 2, TAPS), np.float32)
        """Windows copied side by side, because a product of overlapping ones would copy them each time."""
        self._terms = np.empty((_CHUNK + 2, _ORDER + 1), np.float32)
        self._gathered = np.empty((_CHUNK, _ORDER + 1), np.float32)
        self._number = np.arange(_CHUNK, dtype=np.float64)
        self._place = np.empty(_CHUNK, np.float64)
        self._floor = np.empty(_CHUNK, np.float64)
        self._index = np.empty(_CHUNK, np.intp)
        self._fraction = np.empty(_CHUNK, np.float32)

    def process(self, out: NDArray[np.float32], step: float, pull: Pull) -> None:
        """Fill `out` (rows times any number). `step` inputs (0.99 … 1.01) make one output."""
        filled = 0
        while filled < out.shape[1]:
            count = min(_CHUNK, out.shape[1] - filled)
            self._fetch(count, step, pull, filled)
            self._make(out[:, filled : filled + count], count, step)
            filled += count

    def _fetch(self, count: int, step: float, pull: Pull, filled: int) -> None:
        while self._count < self._at + (count - 1) * step + TAPS + 1:
            self._forget()
            ahead = (self._count - DELAY + 1 - self._at) / step
            frame = pull(filled + ahead)
            self._samples[:, self._count : self._count + FRAME_SAMPLES] = frame
            self._count += FRAME_SAMPLES
            for number in range(self._rows):
                if frame[number].any():
                    self._silent_since[number] = self._count

    def _forget(self) -> None:
        """Drop inputs that no output needs."""
        used = int(self._at)
        if used:
            for row in self._samples:  # NumPy would copy if several rows moved at once
                row[: self._count - used] = row[used : self._count]
            self._count -= used
            self._at -= used
            for number in range(self._rows):
                self._silent_since[number] -= used

    def _make(self, out: NDArray[np.float32], count: int, step: float) -> None:
        place, floor = self._place[:count], self._floor[:count]
        index, fraction = self._index[:count], self._fraction[:count]
        np.multiply(self._number[:count], step, out=place)
        place += self._at
        np.floor(place, out=floor)
        first, last = int(floor[0]), int(floor[-1])
        place -= floor
        place -= 0.5
        np.copyto(fraction, place, casting="unsafe")
        floor -= first
        np.copyto(index, floor, casting="unsafe")
        span = last - first + 1
        near, terms, gathered = self._near[:span], self._terms[:span], self._gathered[:count]
        for row in range(len(out)):
            if self._silent_since[row] <= first:
                out[row] = 0
                continue
            np.copyto(near, self._windows[row, first : last + 1])
            np.matmul(near, self._taps, out=terms)
            np.take(terms, index, axis=0, out=gathered, mode="clip")
            made = out[row]
            np.copyto(made, gathered[:, _ORDER])
            for power in range(_ORDER - 1, -1, -1):
                made *= fraction
                made += gathered[:, power]
        self._at += count * step
