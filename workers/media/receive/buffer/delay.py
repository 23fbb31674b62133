"""The playout delay of one talker. A packet waits until a longer wait would no longer pay.

The sound of each packet is available at some lateness: when the packet itself arrives, when a later one brings a copy
of it, or never. `Outcomes` gives these, and a forgetting histogram of them gives the share of the sound that must be
concealed at each delay. The price of a millisecond says how much delay a smaller share is worth. One rule thus weighs
jitter, losses, bursts, in-band FEC, RED and rare stalls.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import numpy as np
import numpy.typing as npt

from workers.media.receive.buffer.arrival_outcomes import Outcomes
from workers.media.receive.buffer.packets import Entry

Latency = Literal["low", "balanced", "smooth"]

MS = 1_000_000
GRAIN_MS = 10
"""A frame is played at a tick, so delays between two ticks bring nothing."""
PRICE: dict[Latency, float] = {"low": 2e-4, "balanced": 6e-5, "smooth": 2e-5}
"""Share of the sound that may be concealed to save a millisecond of delay (trade-off: `benchmarks.receive.curve`)."""
EASY_MS = 84
"""A delay up to here is hardly noticed in a conversation. Beyond it each millisecond costs `_DEARER` more."""
_DEARER = 0.8
"""The extra price of a millisecond beyond `EASY_MS`, relative to `PRICE`."""
_BINS = 1024
"""Bins of 1 ms each, more than the longest delay that the settings allow."""
_HALF_GONE = 40
"""A hole costs by its length, up to this many milliseconds."""
_KEEP = 1 - 1 / 800
"""Weight of a packet relative to the next one. A network is remembered for half a minute of speech."""
_PRIOR = ((44, 0.12), (24, 0.05))
"""(lateness in ms, weight) assumed of every network until it proves clean: an occasional loss and a hiccup."""
_PRIOR_WEIGHT = 50.0
WORTH = 1.0
"""The worth of a packet, or of its RED copy, that is there in time."""
FEC_WORTH = 0.6
"""The worth of the coarser FEC copy of a lost packet. A copy that comes a little too late still mends the rest."""
FEC_IN_RED_WORTH = 0.9
"""The worth of an FEC copy with RED. It mends the beginning of a hole whose end is mended too."""
_CAUTION = 2 / 3
"""Share of a saved millisecond's price that is charged back, because a network repeats what it has done."""
WINDOW_NS = 1_000 * MS
WINDOWS = 6
"""The fastest packet of the last `WINDOWS` windows counts as on time."""
LEAP_NS = 500 * MS
"""Lateness beyond the cap by this much is a pause in the sender's clock, not the network."""
ON_TIME_NS = 20 * MS


class DelayEstimator:
    """The target delay of one talker. Lateness is relative to the fastest packet of the last seconds."""

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
        """Whether a stall longer than any allowed delay is on. It and the packets that follow it teach nothing."""
        self._windows: deque[tuple[int, int]] = deque(maxlen=WINDOWS)  # (began at, fastest transit)
        self.fastest_ns: int | None = None
        """Arrival minus position of the fastest packet, which is the transit on an idle network."""
        self.target_ns = 0
        self.aim(0)

    def restart(self) -> None:
        """Drop the transits, because another stream has another origin."""
        self._windows.clear()
        self._outcomes = Outcomes()
        self.fastest_ns = None

    def note_arrival(self, entry: Entry) -> None:
        """Learn from a packet, or from a copy in a later one."""
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
        """The cost of each delay in ms: the share of the sound that is too late for it, plus the delay's price."""
        if self._cost is None:
            missed = np.cumsum(self._late[::-1])[::-1] - self._late  # the weight of what is later than each bin
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
