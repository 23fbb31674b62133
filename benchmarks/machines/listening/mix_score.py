"""How late a recording is behind the mix, and how well it fits, in windows of half a second. No I/O."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from common.messages import SAMPLE_RATE

WINDOW_S = 0.5
LATEST_S = 1.5
"""Sound that is later than that is not found."""
FOUND = 0.5
"""Correlation from which a window counts as found."""
CLEAN = 0.9
"""Correlation from which it counts as heard without a fault."""


class MixWindow(NamedTuple):
    at_s: float
    """When it was sent, from the first frame on."""
    delay_ms: float
    correlation: float


def windows(mix: NDArray[Any], played: NDArray[Any], ahead_s: float, ppm: float = 0.0) -> list[MixWindow]:
    """Match the mix in `played`, whose first sample was heard `ahead_s` before the mix's first was due.

    `ppm`: how much faster than the clock of `played` the mix was sent.
    """
    count, found = round(WINDOW_S * SAMPLE_RATE), []
    for start in range(0, len(mix) - count, count):
        sent_s = start / SAMPLE_RATE / (1 + ppm / 1e6)
        first = round((sent_s + ahead_s) * SAMPLE_RATE)
        piece = played[max(0, first) : first + count + round(LATEST_S * SAMPLE_RATE)]
        if first < 0 or len(piece) < count + SAMPLE_RATE:
            continue
        lag, fit = _best(piece.astype(np.float64), mix[start : start + count].astype(np.float64))
        found.append(MixWindow(sent_s, lag / SAMPLE_RATE * 1000, fit))
    return found


def _best(heard: NDArray[np.float64], sent: NDArray[np.float64]) -> tuple[int, float]:
    products = oaconvolve(heard, sent[::-1], mode="valid")
    squares = np.concatenate(([0.0], np.cumsum(heard * heard)))
    energies = squares[len(sent) :] - squares[: -len(sent)]
    floor = max(float(energies.max()) * 1e-3, 1e-9)
    scores = np.where(energies > floor, products / np.sqrt((sent @ sent) * np.maximum(energies, floor)), 0.0)
    best = int(scores.argmax())
    return best, float(scores[best])


def figures(found: list[MixWindow], since_s: float, until_s: float) -> dict[str, float]:
    """Return the figures of the windows that were sent in this time."""
    chosen = [one for one in found if since_s <= one.at_s < until_s]
    heard = [one for one in chosen if one.correlation >= FOUND]
    if not heard:
        return {"windows": len(chosen), "found": 0}
    delays = np.array([one.delay_ms for one in heard])
    return {
        "windows": len(chosen),
        "found": len(heard),
        "clean": sum(one.correlation >= CLEAN for one in chosen),
        "delay median ms": round(float(np.median(delays)), 1),
        "delay p95 ms": round(float(np.percentile(delays, 95)), 1),
        "delay worst ms": round(float(delays.max()), 1),
        "correlation median": round(float(np.median([one.correlation for one in chosen])), 3),
    }
