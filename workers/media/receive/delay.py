"""How long a packet is to wait before it is played: as long as the latest packets of the recent past were late.

Lateness is counted against the fastest packet of the last seconds, in nanoseconds. A late packet raises
the target at once; it falls again as the window moves on.
"""

from __future__ import annotations

MS = 1_000_000

FLOOR_NS = 20 * MS
"""A ready machine still wakes up late now and then."""
MARGIN_NS = 8 * MS
"""Kept over the worst lateness seen: the tick itself has a grain of 10 ms."""
START_LATENESS_NS = 22 * MS
"""Believed until the first window has passed."""
WINDOW_NS = 2_500 * MS
WINDOWS = 5
"""The worst of so many windows counts, and the fastest packet of as many."""
LEAP_NS = 500 * MS
"""Lateness beyond the cap by so much is a pause in the sender's clock, not a network."""
_LOSS_PACKETS = 100
_LOSS_SHARE = 0.01
"""Above this share of losses it pays to wait for the next packet's in-band FEC."""


class DelayEstimator:
    """The target delay of one talker."""

    def __init__(self, *, min_ns: int = 0, max_ns: int = 200 * MS) -> None:
        self._min_ns = max(min_ns, FLOOR_NS)
        self._max_ns = max(max_ns, self._min_ns)
        self._losses: list[bool] = []
        self._flooded = False
        """A stall longer than any delay we may keep, and the packets that pour in after it, teach nothing."""
        self._packet_ns = 0
        self._windows: list[list[int]] = []  # [began at, fastest transit, worst lateness]
        self.fastest_ns: int | None = None
        """Arrival minus position of the fastest packet: when a packet would come on an idle network."""

    def restart(self) -> None:
        """Forget the transits: another stream has another origin."""
        self._windows.clear()
        self.fastest_ns = None

    def note_arrival(self, position_ns: int, arrived_ns: int, packet_ns: int) -> int:
        """Learn from a packet; return its lateness in nanoseconds."""
        self._packet_ns = packet_ns
        transit = arrived_ns - position_ns
        if self.fastest_ns is not None and transit - self.fastest_ns > self._max_ns + LEAP_NS:
            self.restart()
        if self.fastest_ns is None:
            self.fastest_ns = transit
            self._windows = [[arrived_ns, transit, START_LATENESS_NS]]
        if arrived_ns - self._windows[-1][0] >= WINDOW_NS:
            self._windows = [*self._windows[-WINDOWS + 1 :], [arrived_ns, transit, 0]]
        window = self._windows[-1]
        window[1] = min(window[1], transit)
        self.fastest_ns = min(entry[1] for entry in self._windows)
        lateness = transit - self.fastest_ns
        self._flooded = lateness > self._max_ns or (self._flooded and lateness > FLOOR_NS)
        if not self._flooded:
            window[2] = max(window[2], lateness)
        return lateness

    def note_outcome(self, *, lost: bool) -> None:
        """Learn whether a packet was there when it was to be played."""
        self._losses = [*self._losses[-_LOSS_PACKETS + 1 :], lost]

    @property
    def losing(self) -> bool:
        return sum(self._losses) > max(1, _LOSS_SHARE * len(self._losses))

    @property
    def target_ns(self) -> int:
        worst = max((entry[2] for entry in self._windows), default=START_LATENESS_NS)
        target = worst + MARGIN_NS
        if self.losing:
            target += self._packet_ns
        return min(max(target, self._min_ns), self._max_ns)
