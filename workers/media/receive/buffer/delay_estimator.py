"""The playout delay of one talker. A packet waits until a longer wait would no longer pay.

The sound of each packet is available at some lateness: when the packet itself arrives, when a later one brings a copy
of it, or never. `ArrivalOutcomes` gives these, and a forgetting histogram of them gives the share of the sound that is
concealed at each delay. The price of a millisecond says how much delay a smaller share is worth. One rule thus weighs
jitter, losses, bursts, in-band FEC, RED and rare stalls.

Prices and worths were tuned with the traces of `benchmarks.receive`, played offline with seeds 1 to 6. What they
achieve is in `benchmarks/results/receive-2026-11-26.md`, and what a price costs in `curve-2026-11-26.json`.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import numpy as np
import numpy.typing as npt

from workers.media.receive.buffer.arrival_outcomes import ArrivalOutcomes
from workers.media.receive.buffer.packet_buffer import BufferedPacket

Latency = Literal["low", "balanced", "smooth"]

MS = 1_000_000
GRAIN_MS = 10
"""A frame is played at a tick, so delays between two ticks bring nothing."""
PRICE: dict[Latency, float] = {"low": 2e-4, "balanced": 6e-5, "smooth": 2e-5}
"""Share of the sound that may be concealed to save a millisecond of delay. Set by `benchmarks.receive.curve`."""
EASY_MS = 84
"""A delay up to here is hardly noticed in a conversation. Beyond it each millisecond costs `_EXTRA_PRICE` more.
Set by `benchmarks.receive`, together with `PRICE`."""
_EXTRA_PRICE = 0.8
"""The extra price of a millisecond beyond `EASY_MS`, relative to `PRICE`. Set by `benchmarks.receive`."""
_BINS = 1024
"""Bins of 1 ms each, more than the longest delay that the settings allow."""
_GAP_CAP_MS = 40
"""A gap costs by its length, up to this many milliseconds, the length of a packet of 40 ms."""
_FORGET = 1 - 1 / 800
"""Weight of a packet relative to the next one. Chosen to remember a network for half a minute of speech."""
_PRIOR = ((44, 0.12), (24, 0.05))
"""(lateness in ms, weight) assumed of every network until it proves clean: an occasional loss and a hiccup.
Chosen so that a call begins with room for the FEC copy of a lost packet of 40 ms (`test_delay`)."""
_PRIOR_WEIGHT = 50.0
"""Packets that the prior counts for: 2 s of speech."""
PACKET_WORTH = 1.0
"""The worth of a packet, or of its RED copy, that is there in time."""
FEC_WORTH = 0.6
"""The worth of the coarser FEC copy of a lost packet. A copy that comes a little too late still mends the rest.
Set by `benchmarks.receive`: bursts of 1 % then wait 2 to 9 ms instead of 41, at the same quality."""
FEC_IN_RED_WORTH = 0.9
"""The worth of an FEC copy with RED. It mends the beginning of a gap whose end is mended too. Set by
`benchmarks.receive`: 0.02 PESQ-WB nearer to the ceiling with 20 % loss, jitter and RED (red-loss-20-jitter-60)."""
_CAUTION = 2 / 3
"""Share of a saved millisecond's price that is charged back, because a network repeats what it has done. Set by
`benchmarks.receive`."""
WINDOW_NS = 1_000 * MS
WINDOW_COUNT = 6
"""The fastest packet of the last `WINDOW_COUNT` windows counts as on time. Older ones do not, because the
clocks of both sides drift apart."""
LEAP_NS = 500 * MS
"""Lateness beyond the cap by this much is a pause in the sender's clock, not the network."""
ON_TIME_NS = 20 * MS
"""A stall is over at the first packet that is less late than this, half a packet of 40 ms."""


class DelayEstimator:
    """The target delay of one talker. Lateness is relative to the fastest packet of the last seconds."""

    def __init__(self, *, min_ns: int = 0, max_ns: int = 200 * MS, latency: Latency = "balanced") -> None:
        self._min_ms = min_ns / MS
        self._max_ms = max(max_ns, min_ns) / MS
        ms = np.arange(_BINS)
        self._caution = _CAUTION * PRICE[latency]
        self._price = PRICE[latency] * (ms + _EXTRA_PRICE * np.maximum(0, ms - EASY_MS))
        self._lateness_weights: npt.NDArray[np.float64] = np.zeros(_BINS)
        for lateness_ms, weight in _PRIOR:
            self._lateness_weights[lateness_ms] = weight
        self._weight = _PRIOR_WEIGHT
        self._cost: npt.NDArray[np.float64] | None = None
        self._outcomes = ArrivalOutcomes()
        self._stalled = False
        """Whether a stall longer than any allowed delay is on. It and the packets that follow it teach nothing."""
        self._windows: deque[tuple[int, int]] = deque(maxlen=WINDOW_COUNT)  # (began at, fastest transit)
        self.fastest_ns: int | None = None
        """Arrival minus position of the fastest packet, which is the transit on an idle network."""
        self.target_ns = 0
        self.aim(0)

    def restart(self) -> None:
        """Drop the transits, because another stream has another origin."""
        self._windows.clear()
        self._outcomes = ArrivalOutcomes()
        self.fastest_ns = None

    def record_arrival(self, packet: BufferedPacket) -> None:
        """Learn from a packet, or from a copy in a later one."""
        position_ns, length_ns = nanoseconds(packet.position), nanoseconds(packet.samples)
        if not packet.redundant:
            self._fastest(packet.arrived_ns - position_ns, packet.arrived_ns)
        if self.fastest_ns is None:
            return
        lateness = packet.arrived_ns - self.fastest_ns - position_ns
        if not packet.redundant:
            self._stalled = lateness > self._max_ms * MS or (self._stalled and lateness > ON_TIME_NS)
        if self._stalled:
            self._outcomes.record(packet.sequence, lateness / MS, 0.0, settled=True)
            return
        outcomes = self._outcomes.record(packet.sequence, lateness / MS, PACKET_WORTH, settled=True)
        if packet.fec:
            worth = FEC_IN_RED_WORTH if packet.redundant else FEC_WORTH
            outcomes += self._outcomes.record(packet.sequence - 1, (lateness + length_ns) / MS, worth)
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
        self._lateness_weights *= _FORGET
        self._weight = self._weight * _FORGET + 1.0
        self._cost = None
        for late_ms, gain in outcome:
            self._lateness_weights[min(max(int(np.ceil(late_ms)), 0), _BINS - 1)] += gain

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
            weights = self._lateness_weights
            missed = np.cumsum(weights[::-1])[::-1] - weights  # the weight of what is later than each bin
            total = np.concatenate((np.cumsum(missed), np.full(_GAP_CAP_MS, 0.0)))
            total[_BINS:] = total[_BINS - 1]
            before = np.concatenate(([0.0], total[: _BINS - 1]))
            gaps = (total[_GAP_CAP_MS - 1 : _GAP_CAP_MS - 1 + _BINS] - before) / _GAP_CAP_MS
            self._cost = gaps / self._weight + self._price
        return self._cost


def nanoseconds(samples: int) -> int:
    return samples * 62_500 // 3


def samples(ns: int) -> int:
    return ns * 3 // 62_500
