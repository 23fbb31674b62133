"""The period of speech: after how many samples it repeats itself. No I/O, no clock."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHORTEST = 120
LONGEST = 720
"""Range of periods searched, 2.5 … 15 ms at 48 kHz."""
LEAST = 1680
"""Samples needed: twice the longest period, and room to search."""
ALIKE = 0.85
"""Least normalised correlation of two periods that may be blended."""
_COARSE = 6
"""The search runs at 8 kHz, then ±1 of its samples at the full rate."""
_Floats = NDArray[np.float32]


def period(samples: NDArray[Any]) -> tuple[int, float]:
    """Return (length in samples, correlation) of the best period at the beginning, (0, 0) if `samples` is too short."""
    if len(samples) < LEAST:
        return 0, 0.0
    signal = samples.astype(np.float32)
    coarse = signal[: LEAST // _COARSE * _COARSE].reshape(-1, _COARSE).mean(axis=1)
    low, high = SHORTEST // _COARSE, LONGEST // _COARSE
    window = len(coarse) - high
    here = coarse[:window]
    products = np.correlate(coarse[low:], here, "valid")
    squares = np.concatenate(([0.0], np.cumsum(coarse * coarse, dtype=np.float64)))
    energies = (squares[window:] - squares[:-window])[low : low + len(products)]
    own = float(here @ here)
    if own <= 0:
        return 0, 0.0
    alike = products / np.sqrt(np.maximum(energies, 1.0) * own)
    best = (int(np.argmax(alike)) + low) * _COARSE
    return _refine(signal, best, window * _COARSE)


def _refine(signal: _Floats, near: int, window: int) -> tuple[int, float]:
    first, last = max(near - _COARSE, SHORTEST), min(near + _COARSE, LONGEST)
    here = signal[:window]
    piece = signal[first : last + window]
    products = np.correlate(piece, here, "valid")
    squares = np.concatenate(([0.0], np.cumsum(piece * piece, dtype=np.float64)))
    energies = squares[window:] - squares[: len(squares) - window]
    alike = products / np.sqrt(np.maximum(energies[: len(products)], 1.0) * float(here @ here))
    best = int(np.argmax(alike))
    return first + best, float(alike[best])
