"""How long a packet is to wait before it is played: until waiting longer would not pay any more.

Every packet's sound could be had at some lateness: when the packet itself came, or a later one with a copy
of it, or never. A forgetting histogram of these (`Outcomes` makes them up) says what share of the sound would have
to be made up at each delay; the price of a millisecond says what may be given for a smaller share. So
jitter, losses, bursts, in-band FEC, RED and rare stalls are weighed by one rule.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import numpy as np
import numpy.typing as npt

from workers.media.receive.outcomes import Outcomes
from workers.media.receive.packets import Entry

Latency = Literal["low", "balanced", "smooth"]

MS = 1_000_000
GRAIN_MS = 10
"""What must have come by a tick is played from that tick on: delays in between are worth nothing."""
PRICE: dict[Latency, float] = {"low": 2e-4, "balanced": 6e-5, "smooth": 2e-5}
"""Share of the sound that may be made up to save a millisecond of delay."""
EASY_MS = 84
"""Up to here a delay is hardly noticed in a conversation; beyond it each millisecond costs …"""
_DEARER = 0.8
"""… so much more on top."""
_BINS = 1024
"""Of 1 ms each: more than the longest delay that the settings allow."""
_HALF_GONE = 40
"""A hole costs by its length, up to this many milliseconds."""
_KEEP = 1 - 1 / 800
"""Weight of a packet relative to the next one: a network is remembered for half a minute of speech."""
_PRIOR = ((44, 0.12), (24, 0.05))
"""(lateness in ms, weight) believed of every network until it has proved clean: a loss now and then, a hiccup."""
_PRIOR_WEIGHT = 50.0
WORTH = 1.0
"""What it is worth that a packet, or its RED copy, is there in time …"""
FEC_WORTH = 0.6
"""… and that the coarser copy of a lost one is: less, since one that comes a little too late still mends the rest."""
FEC_IN_RED_WORTH = 0.9
"""With RED it mends the beginning of a hole whose end is mended too."""
_CAUTION = 2 / 3
"""A millisecond that is to be saved again counts for so much less: what a network has done once it does again."""
WINDOW_NS = 1_000 * MS
WINDOWS = 6
"""The fastest packet of so many windows counts as on time."""
LEAP_NS = 500 * MS
"""Lateness beyond the cap by so much is a pause in the sender's clock, not a network."""
ON_TIME_NS = 20 * MS


class DelayEstimator:
    """The target delay of one talker. Lateness counts against the fastest packet of the last seconds."""

    def __init__(self, *, min_ns: int = 0, max_ns: int = 200 * MS, latency: Latency = "balanced") -> None:
        self._min_ms = min_ns / MS
        self._max_ms = max(max_ns, min_ns) / MS
        ms = np.arange(_BINS)
        self._caution = _CAUTION * PRICE[latency]
        self._price = PRICE[latency] * (ms + _DEARER * np.maximum(0, ms - EASY_MS))
        self._late: npt.NDArray[np.float64] = np.zeros(_BINS)
        for lateness_ms, weight in _PRIOR:
            self._late[lateness_ms] = weight
        self._weight = _PRIOR_WEIGHT
        self._cost: npt.NDArray[np.float64] | None = None
        self._outcomes = Outcomes()
        self._flooded = False
        """A stall longer than any delay we may keep, and the packets that pour in after it, teach nothing."""
        self._windows: deque[tuple[int, int]] = deque(maxlen=WINDOWS)  # (began at, fastest transit)
        self.fastest_ns: int | None = None
        """Arrival minus position of the fastest packet: when a packet would come on an idle network."""
        self.target_ns = 0
        self.aim(0)

    def restart(self) -> None:
        """Forget the transits: another stream has another origin."""
        self._windows.clear()
        self._outcomes = Outcomes()
        self.fastest_ns = None

    def note_arrival(self, entry: Entry) -> None:
        """Learn from what came in: a packet, or a copy in a later one."""
        position_ns, length_ns = nanoseconds(entry.position), nanoseconds(entry.samples)
        if not entry.redundant:
            self._fastest(entry.arrived_ns - position_ns, entry.arrived_ns)
        if self.fastest_ns is None:
            return
        lateness = entry.arrived_ns - self.fastest_ns - position_ns
        if not entry.redundant:
            self._flooded = lateness > self._max_ms * MS or (self._flooded and lateness > ON_TIME_NS)
        if self._flooded:
            self._outcomes.note(entry.sequence, lateness / MS, 0.0, settled=True)
            return
        outcomes = self._outcomes.note(entry.sequence, lateness / MS, WORTH, settled=True)
        if entry.fec:
            worth = FEC_IN_RED_WORTH if entry.redundant else FEC_WORTH
            outcomes += self._outcomes.note(entry.sequence - 1, (lateness + length_ns) / MS, worth)
        for outcome in outcomes:
            self._learn(outcome)

    def _fastest(self, transit: int, now_ns: int) -> None:
        if self.fastest_ns is not None and transit - self.fastest_ns > self._max_ms * MS + LEAP_NS:
            self.restart()
        if not self._windows or now_ns - self._windows[-1][0] >= WINDOW_NS:
            self._windows.append((now_ns, transit))
        elif transit < self._windows[-1][1]:
            self._windows[-1] = (self._windows[-1][0], transit)
        self.fastest_ns = min(fastest for _, fastest in self._windows)

    def _learn(self, outcome: list[tuple[float, float]]) -> None:
        self._late *= _KEEP
        self._weight = self._weight * _KEEP + 1.0
        self._cost = None
        for late_ms, gain in outcome:
            self._late[min(max(int(np.ceil(late_ms)), 0), _BINS - 1)] += gain

    # --- the choice ------------------------------------------------------------------------------

    def aim(self, phase_ns: int) -> int:
        """Return the target among the delays that differ from `phase_ns` by whole ticks."""
        self.target_ns = self._best(phase_ns / MS)
        return self.target_ns

    def _best(self, phase_ms: float) -> int:
        lowest = phase_ms % GRAIN_MS
        while lowest < self._min_ms:
            lowest += GRAIN_MS
        grid = np.arange(lowest, max(self._max_ms, lowest) + 1e-9, GRAIN_MS)
        cost = self.cost[grid.astype(np.int64)]
        shorter = np.maximum(0.0, self.target_ns / MS - grid)
        return int(grid[int(np.argmin(cost + self._caution * shorter))] * MS)

    @property
    def cost(self) -> npt.NDArray[np.float64]:
        """What each delay (in ms) costs: the share of the sound that comes too late for it, and its own price."""
        if self._cost is None:
            missed = np.cumsum(self._late[::-1])[::-1] - self._late  # what comes later than each bin
            total = np.concatenate((np.cumsum(missed), np.full(_HALF_GONE, 0.0)))
            total[_BINS:] = total[_BINS - 1]
            before = np.concatenate(([0.0], total[: _BINS - 1]))
            holes = (total[_HALF_GONE - 1 : _HALF_GONE - 1 + _BINS] - before) / _HALF_GONE
            self._cost = holes / self._weight + self._price
        return self._cost


def nanoseconds(samples: int) -> int:
    return samples * 62_500 // 3


def samples(ns: int) -> int:
    return ns * 3 // 62_500
