"""Ours against Chromium on each run, and shares with intervals over networks. No I/O."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.receive.networks.rows.row import Row

PESQ_SLACK = 0.03
PLCMOS_SLACK = 0.05
MEDIAN_SHARE = 0.9
P95_SHARE = 1.0
DAMAGE_SHARE = 1.2
DAMAGE_SLACK = 0.002
"""A difference of speech damaged below this counts for nothing: two pieces of 20 ms in a talk of 45 s."""
_JUDGED = ("delay_ms_median", "delay_ms_p95", "pesq_wb", "plcmos", "damaged")
"""The fields of a row that a `Pair` judges."""
_DRAWS = 2000
_LEVEL = 95.0


@dataclass(frozen=True)
class Pair:
    """One run of ours and of the system that it is held against."""

    ours: Row
    theirs: Row

    @property
    def pesq(self) -> float:
        return self.ours.pesq_wb - self.theirs.pesq_wb

    @property
    def plcmos(self) -> float:
        return self.ours.plcmos - self.theirs.plcmos

    @property
    def median(self) -> float:
        """Our median delay as a share of theirs."""
        return self.ours.delay_ms_median / self.theirs.delay_ms_median

    @property
    def p95(self) -> float:
        return self.ours.delay_ms_p95 / self.theirs.delay_ms_p95

    @property
    def good(self) -> bool:
        """Quality is at least theirs. NaN is no quality."""
        return self.pesq >= -PESQ_SLACK and self.plcmos >= -PLCMOS_SLACK

    @property
    def quick(self) -> bool:
        return self.median <= MEDIAN_SHARE and self.p95 <= P95_SHARE

    @property
    def won(self) -> bool:
        return self.good and self.quick

    @property
    def unharmed(self) -> bool:
        """No more speech damaged than 1.2 times theirs."""
        return self.ours.damaged <= max(DAMAGE_SHARE * self.theirs.damaged, self.theirs.damaged + DAMAGE_SLACK)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval over networks."""

    value: float
    low: float
    high: float

    def words(self, digits: int = 2, factor: float = 1.0) -> str:
        if math.isnan(self.value):
            return "-"
        value, low, high = (f"{number * factor:.{digits}f}" for number in (self.value, self.low, self.high))
        return f"{value} ({low} … {high})"


def pairs(rows: Iterable[Row], theirs: str = "chromium") -> list[Pair]:
    """Return the runs that both systems have. Where a run was simulated and real, the simulated one counts."""
    found: dict[tuple[tuple[int, int], str], Row] = {}
    for row in sorted(rows, key=lambda row: row.clock == "simulated"):
        found[row.run, row.system] = row
    return [
        Pair(row, found[run, theirs])
        for (run, system), row in sorted(found.items())
        if system == "ours" and (run, theirs) in found
    ]


def networks(some: Sequence[Pair]) -> list[Pair]:
    """Return a pair for each network, with the means of its runs, from which chance of single losses is taken out."""
    groups: dict[int, list[Pair]] = {}
    for pair in some:
        groups.setdefault(pair.ours.index, []).append(pair)
    return [
        Pair(_mean([pair.ours for pair in group]), _mean([pair.theirs for pair in group]))
        for _, group in sorted(groups.items())
    ]


def _mean(rows: Sequence[Row]) -> Row:
    means: dict[str, Any] = {name: statistics.fmean(getattr(row, name) for row in rows) for name in _JUDGED}
    return replace(rows[0], **means)


def share(some: Sequence[Pair], holds: Callable[[Pair], bool]) -> Estimate:
    """Return on which share of the runs something holds. Runs on one network are drawn together."""
    return over_networks([(pair.ours.index, float(holds(pair))) for pair in some], np.mean)


def median(some: Sequence[Pair], figure: Callable[[Pair], float]) -> Estimate:
    return over_networks([(pair.ours.index, figure(pair)) for pair in some], np.median)


def median_of(rows: Sequence[Row], figure: Callable[[Row], float]) -> Estimate:
    return over_networks([(row.index, figure(row)) for row in rows], np.median)


def over_networks(values: Sequence[tuple[int, float]], middle: Callable[..., Any]) -> Estimate:
    """Return the middle of all values, and its bootstrap interval with whole networks drawn."""
    groups: dict[int, list[float]] = {}
    for network, value in values:
        if not math.isnan(value):
            groups.setdefault(network, []).append(value)
    if not groups:
        return Estimate(math.nan, math.nan, math.nan)
    random = np.random.default_rng(17)
    longest = max(len(group) for group in groups.values())
    # a network with fewer runs has its own ones again, so that each network weighs the same
    parts = np.array([np.resize(group, longest) for group in groups.values()])
    drawn = middle(parts[random.integers(len(parts), size=(_DRAWS, len(parts)))].reshape(_DRAWS, -1), axis=1)
    low, high = np.percentile(drawn, [(100 - _LEVEL) / 2, (100 + _LEVEL) / 2])
    return Estimate(float(middle(parts.reshape(1, -1), axis=1)[0]), float(low), float(high))
