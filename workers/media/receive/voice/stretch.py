"""Time stretch of speech by whole pitch periods (PSOLA), and of quiet by any length.

Nothing is changed where it would be heard. The sound must repeat itself from one period to the next, or be quiet.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.media.receive.voice.opus import Samples

SHORTEST = 120
LONGEST = 720
"""Range of periods searched, 2.5 … 15 ms at 48 kHz."""
LEAST = 1680
"""Samples needed: twice the longest period, and room to search."""
ALIKE = 0.85
"""Least normalised correlation of two periods that may be blended."""
_COARSE = 6
"""The search runs at 8 kHz, then ±1 of its samples at the full rate."""
_SEAM = 240
_Floats = npt.NDArray[np.float32]


def period(samples: Samples) -> tuple[int, float]:
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


def shorten(samples: Samples, lag: int) -> Samples:
    """Return `samples` with their first two periods of `lag` blended into one."""
    return np.concatenate((blend(samples[:lag], samples[lag : 2 * lag]), samples[2 * lag :]))


def lengthen(samples: Samples, lag: int) -> Samples:
    """Return `samples` with one more period of `lag`."""
    return np.concatenate((samples[:lag], blend(samples[lag : 2 * lag], samples[:lag]), samples[lag:]))


def blend(out: Samples, into: Samples) -> Samples:
    """Return a crossfade from `out` to `into`, of the same length."""
    up = np.linspace(0.0, 1.0, len(out), dtype=np.float32)
    mixed: Samples = np.rint(out * (1.0 - up) + into * up).astype(np.int16)
    return mixed


def cut(samples: Samples, at: int, count: int) -> Samples:
    """Return quiet `samples` without the `count` from `at` on, with the edges blended."""
    seam = min(_SEAM, len(samples) - at - count, count)
    if seam <= 0:
        return np.concatenate((samples[:at], samples[at + count :]))
    end = at + count
    return np.concatenate(
        (samples[:at], blend(samples[at : at + seam], samples[end : end + seam]), samples[end + seam :])
    )


def repeat(samples: Samples, at: int, count: int) -> Samples:
    """Return quiet `samples` with the `count` from `at` on repeated, with the edges blended."""
    end = at + count
    seam = min(_SEAM, len(samples) - end, count)
    if seam <= 0:
        return np.concatenate((samples[:end], samples[at:]))
    middle = blend(samples[end : end + seam], samples[at : at + seam])
    return np.concatenate((samples[:end], middle, samples[at + seam :]))
