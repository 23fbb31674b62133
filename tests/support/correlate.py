"""Finds a source in a recording: alignment and normalised cross-correlation, by FFT, also for long recordings."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

SHORTEST_S = 0.1
"""A shorter source would be found anywhere."""
_QUIET = 1e-3
"""Windows whose energy is below this share of the loudest one's are no candidates: there 0/0 would win."""


class Match(NamedTuple):
    """Where the source lies, and how well it fits: 1 is the very same sound at whatever level, 0 is anything else."""

    offset_samples: int
    correlation: float


def best_match(recording: NDArray[Any], source: NDArray[Any], rate: int) -> Match:
    """Return where `source` fits best in `recording`; both mono, at `rate` hertz.

    The correlation is normalised over exactly the stretch that the source covers, the mean taken out, so that
    neither level nor what comes before and after counts. Raises `ValueError` for a silent or too short
    source, or one longer than the recording.
    """
    heard, spoken = np.asarray(recording, np.float64), np.asarray(source, np.float64)
    if heard.ndim != 1 or spoken.ndim != 1:
        raise ValueError("both must be mono: one dimension")
    count = len(spoken)
    if count < SHORTEST_S * rate:
        raise ValueError(f"a source of {count / rate:.3f} s is too short to be found for sure")
    if count > len(heard):
        raise ValueError(f"the source ({count / rate:.1f} s) is longer than the recording ({len(heard) / rate:.1f} s)")
    spoken = spoken - spoken.mean()
    size = float(np.sqrt(spoken @ spoken))
    if size == 0:
        raise ValueError("the source is silent")
    products = oaconvolve(heard, spoken[::-1], mode="valid")
    energies = _energies(heard, count)
    loudest = float(energies.max())
    if loudest <= 0:
        return Match(0, 0.0)
    usable = energies > loudest * _QUIET
    scores = np.where(usable, products / (size * np.sqrt(np.where(usable, energies, 1.0))), -1.0)
    best = int(scores.argmax())
    return Match(best, float(min(1.0, scores[best])))


def _energies(signal: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the energy around the mean of each stretch of `count` samples."""
    signal = signal - signal.mean()  # keeps the sums small, and so exact
    sums = np.concatenate(([0.0], np.cumsum(signal)))
    squares = np.concatenate(([0.0], np.cumsum(signal * signal)))
    mean_part = (sums[count:] - sums[:-count]) ** 2 / count
    return np.asarray(np.maximum(squares[count:] - squares[:-count] - mean_part, 0.0))


def windows(
    recording: NDArray[Any], source: NDArray[Any], rate: int, *, window_s: float = 0.5, slack_s: float = 0.1
) -> list[Match]:
    """Match `source` piece by piece near where the whole of it fits best; silent pieces are left out.

    Offsets are those of the source's beginning: they are all the same where nothing was lost, added or moved.
    """
    whole = best_match(recording, source, rate).offset_samples
    piece, slack = round(window_s * rate), round(slack_s * rate)
    loud = float(np.abs(source).max()) * 0.05
    found = []
    for start in range(0, len(source) - piece + 1, piece):
        wanted = source[start : start + piece]
        if float(np.abs(wanted).max()) < loud:
            continue
        first = max(0, whole + start - slack)
        match = best_match(recording[first : whole + start + piece + slack], wanted, rate)
        found.append(Match(first + match.offset_samples - start, match.correlation))
    return found
