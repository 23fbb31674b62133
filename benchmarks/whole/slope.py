"""Growth of a figure: the slope by least squares, and a verdict. No I/O."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

WARM_UP = 0.25
"""Share of the first samples to ignore, as caches and pools fill after a start."""
LEAST = 8
"""Fewest samples for a verdict."""
SIGMAS = 3.0
"""A slope within this many standard errors of 0 is noise."""
Verdict = Literal["flat", "growing", "too short"]


@dataclass(frozen=True)
class Slope:
    per_hour: float
    error_per_hour: float
    """Standard error of `per_hour`."""
    first: float
    """The line's value at the first sample after the warm-up."""
    samples: int


def slope(seconds: Sequence[float], values: Sequence[float]) -> Slope:
    """Return the line of least squares through (seconds, value), per hour, without the warm-up."""
    skip = int(len(seconds) * WARM_UP)
    times, figures = seconds[skip:], values[skip:]
    count = len(times)
    if count < 2:
        return Slope(0.0, math.inf, figures[0] if figures else 0.0, count)
    middle, mean = sum(times) / count, sum(figures) / count
    spread = sum((at - middle) ** 2 for at in times)
    if spread == 0:
        return Slope(0.0, math.inf, mean, count)
    per_s = sum((at - middle) * (one - mean) for at, one in zip(times, figures, strict=True)) / spread
    left = sum((one - mean - per_s * (at - middle)) ** 2 for at, one in zip(times, figures, strict=True))
    error = math.sqrt(left / (count - 2) / spread) if count > 2 else math.inf
    return Slope(per_s * 3600, error * 3600, mean + per_s * (times[0] - middle), count)


def quarters(values: Sequence[float]) -> list[float]:
    """Return the median of each quarter of the samples."""
    count = len(values)
    parts = [values[number * count // 4 : (number + 1) * count // 4] for number in range(4)]
    return [statistics.median(part) for part in parts if part]


def rises(medians: Sequence[float], hours: float, may_per_hour: float) -> bool:
    """Return whether the quarters of a run rise each after the first one, and in all by more than may be."""
    later = medians[1:]
    steady = len(medians) == 4 and all(before < after for before, after in pairwise(later))
    return steady and later[-1] - later[0] > may_per_hour * hours / 2


def verdict(found: Slope, may_per_hour: float) -> Verdict:
    """Return whether the figure grows by more than `may_per_hour` and by more than its own noise."""
    if found.samples < LEAST:
        return "too short"
    grows = found.per_hour > may_per_hour and found.per_hour > SIGMAS * found.error_per_hour
    return "growing" if grows else "flat"
