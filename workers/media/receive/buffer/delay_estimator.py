"""The playout delay of one talker. A packet waits until a longer wait would no longer pay.

The sound of each packet is available at some lateness: when the packet itself arrives, when a later one brings a copy
of it, or never. `ArrivalOutcomes` gives these, and a forgetting histogram of them gives the share of the sound that is
concealed at each delay. The price of a millisecond says how much delay a smaller share is worth. One rule thus weighs
jitter, losses, bursts, in-band FEC, RED and rare stalls.

Prices and worths were tuned with the traces of `benchmarks.receive`, played offline with seeds 1 to 6, and with the
tuning seeds of `benchmarks.receive.networks`. What a price costs is in `benchmarks/results/curve-2026-11-26.json`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workers.media.receive.buffer.arrival_outcomes import ArrivalOutcomes
from workers.media.receive.buffer.latency import LatencyPlan
from workers.media.receive.buffer.lateness_history import BINS, LatenessHistory
from workers.media.receive.buffer.packet_buffer import BufferedPacket
from workers.media.receive.buffer.time_units import MS, nanoseconds
from workers.media.receive.buffer.transit_floor import TransitFloor

GRAIN_MS = 10
"""A frame is played at a tick, so delays between two ticks bring nothing."""
EASY_MS = 84
"""A delay up to here is hardly noticed in a conversation. Beyond it each millisecond costs `_EXTRA_PRICE` more.
Set by `benchmarks.receive`, together with the price."""
_EXTRA_PRICE = 1.5
"""The extra price of a millisecond beyond `EASY_MS`, relative to its price. By `benchmarks.receive.networks`:
between 0.8, which waits 30 ms longer on Wi-Fi for no better sound, and 3, which costs 0.2 PESQ-WB in long queues."""
PACKET_WORTH = 1.0
"""The worth of a packet, or of its RED copy, that is there in time."""
FEC_WORTH = 0.6
"""The worth of the coarser FEC copy of a lost packet. A copy that comes a little too late still mends the rest.
Set by `benchmarks.receive`: bursts of 1 % then wait 2 to 9 ms instead of 41, at the same quality."""
FEC_IN_RED_WORTH = 0.9
"""The worth of an FEC copy with RED. It mends the beginning of a gap whose end is mended too. Set by
`benchmarks.receive`: 0.02 PESQ-WB nearer to the ceiling with 20 % loss, jitter and RED (red-loss-20-jitter-60)."""
_CAUTION = 1 / 3
"""Share of a saved millisecond's price that is charged back, because a network repeats what it has done. By
`benchmarks.receive.networks`: with 2/3 one late packet of 56 ms kept the delay up for 25 s, at the same quality."""
LEAP_NS = 500 * MS
"""Lateness beyond the cap by this much is a pause in the sender's clock, not the network."""
HELD_MARGIN_NS = 2 * MS
"""How far below a held delay the target may lie. Chosen above the noise of a phase, which is that of the fastest
packet, and well below a tick."""
ON_TIME_NS = 20 * MS
"""A stall is over at the first packet that is less late than this, half a packet of 40 ms."""


class DelayEstimator:
    """The target delay of one talker. Lateness is relative to the fastest packet of the last seconds."""

    def __init__(self, plan: LatencyPlan, *, min_ns: int = 0, max_ns: int | None = None) -> None:
        """`max_ns` None means the plan's."""
        max_ns = plan.longest_ms * MS if max_ns is None else max_ns
        self._min_ms = min_ns / MS
        self._max_ms = max(max_ns, min_ns) / MS
        ms = np.arange(BINS)
        self._caution = _CAUTION * plan.price
        self._price = plan.price * (ms + _EXTRA_PRICE * np.maximum(0, ms - EASY_MS))
        self._history = LatenessHistory()
        self._floor = TransitFloor()
        self._cost: npt.NDArray[np.float64] | None = None
        self._outcomes = ArrivalOutcomes()
        self._packet_ms = 40
        self._stalled = False
        """Whether a stall longer than any allowed delay is on. It and the packets that follow it teach nothing."""
        self._needed_ns = 0
        self._held_ns: int | None = None
        self.target_ns = 0
        self.aim(0)

    def restart(self) -> None:
        """Drop the transits, because another stream has another origin."""
        self._floor.clear()
        self._history.restart()
        self._outcomes = ArrivalOutcomes()

    @property
    def fastest_ns(self) -> int | None:
        """Arrival minus position of the fastest packet, which is the transit on an idle network."""
        return self._floor.fastest_ns

    def record_arrival(self, packet: BufferedPacket) -> None:
        """Learn from a packet, or from a copy in a later one."""
        position_ns, length_ns = nanoseconds(packet.position), nanoseconds(packet.samples)
        self._packet_ms = max(1, length_ns // MS)
        if not packet.redundant:
            self._follow_floor(packet.arrived_ns - position_ns, packet.arrived_ns)
        fastest_ns = self._floor.fastest_ns
        if fastest_ns is None:
            return
        lateness = packet.arrived_ns - fastest_ns - position_ns
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
            self._history.record(outcome, length_ns / MS)
            self._cost = None

    def _follow_floor(self, transit_ns: int, now_ns: int) -> None:
        fastest_ns = self._floor.fastest_ns
        if fastest_ns is not None and transit_ns - fastest_ns > self._max_ms * MS + LEAP_NS:
            self.restart()
        risen_ns = self._floor.record(transit_ns, now_ns)
        if risen_ns:
            self._history.rise(risen_ns / MS)
            self._cost = None

    # --- the choice ------------------------------------------------------------------------------

    def aim(self, phase_ns: int) -> int:
        """Return the target among the delays that differ from `phase_ns` by whole ticks."""
        if self._held_ns is None:
            self.target_ns = self._best(phase_ns / MS, self.target_ns)
        else:
            self.target_ns = nearest_held(self._held_ns, phase_ns, self.target_ns)
        return self.target_ns

    def hold(self, held_ns: int | None) -> None:
        """Aim at this delay whatever the network needs, or at what it needs again (None)."""
        self._held_ns = held_ns

    @property
    def is_held(self) -> bool:
        return self._held_ns is not None

    def need(self) -> int:
        """Return the delay that the network needs, in whole ticks. It is the same whether another one is held."""
        self._needed_ns = self._best(0.0, self._needed_ns)
        return self._needed_ns

    def _best(self, phase_ms: float, before_ns: int) -> int:
        lowest = phase_ms % GRAIN_MS
        while lowest < self._min_ms:
            lowest += GRAIN_MS
        grid = np.arange(lowest, max(self._max_ms, lowest) + 1e-9, GRAIN_MS)
        cost = self.cost[grid.astype(np.int64)]
        shorter = np.maximum(0.0, before_ns / MS - grid)
        return int(grid[int(np.argmin(cost + self._caution * shorter))] * MS)

    @property
    def cost(self) -> npt.NDArray[np.float64]:
        """The cost of each delay in ms: the share of the sound that is too late for it, plus the delay's price."""
        if self._cost is None:
            weights = self._history.weights
            missed = np.cumsum(weights[::-1])[::-1] - weights  # the weight of what is later than each bin
            gap_ms = self._packet_ms  # a packet that is later than its own length is lost altogether
            total = np.concatenate((np.cumsum(missed), np.full(gap_ms, 0.0)))
            total[BINS:] = total[BINS - 1]
            before = np.concatenate(([0.0], total[: BINS - 1]))
            gaps = (total[gap_ms - 1 : gap_ms - 1 + BINS] - before) / gap_ms
            self._cost = gaps / self._history.weight + self._price
        return self._cost


def nearest_held(held_ns: int, phase_ns: int, before_ns: int) -> int:
    """Return the delay at `held_ns`, or up to a tick above it, that differs from `phase_ns` by whole ticks.

    The delay `before_ns` is kept with a margin below, so that a phase that moves about a border does not move it by a
    tick each time.
    """
    tick_ns = GRAIN_MS * MS
    above = held_ns + (phase_ns - held_ns) % tick_ns
    below = above - tick_ns
    return below if below >= held_ns - HELD_MARGIN_NS and abs(below - before_ns) < abs(above - before_ns) else above
