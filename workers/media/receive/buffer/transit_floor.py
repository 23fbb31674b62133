"""The transit of a talker's packets on the idle network, which is that of the fastest packet of the last seconds."""

from __future__ import annotations

from collections import deque

from workers.media.receive.buffer.time_units import MS

WINDOW_NS = 1_000 * MS
WINDOW_COUNT = 6
"""The fastest packet of the last `WINDOW_COUNT` windows counts as on time. Older ones do not, because the
clocks of both sides drift apart, and because routes change."""


class TransitFloor:
    def __init__(self) -> None:
        self.fastest_ns: int | None = None
        """Arrival minus position of the fastest packet."""
        self._windows: deque[tuple[int, int]] = deque(maxlen=WINDOW_COUNT)  # (began at, fastest transit)

    def clear(self) -> None:
        """Drop the transits, because another stream has another origin."""
        self._windows.clear()
        self.fastest_ns = None

    def record(self, transit_ns: int, now_ns: int) -> int:
        """Take a packet's transit. Return by how many ns the floor has risen, because the fast packets are too old."""
        if not self._windows or now_ns - self._windows[-1][0] >= WINDOW_NS:
            self._windows.append((now_ns, transit_ns))
        elif transit_ns < self._windows[-1][1]:
            self._windows[-1] = (self._windows[-1][0], transit_ns)
        before, self.fastest_ns = self.fastest_ns, min(fastest for _, fastest in self._windows)
        return 0 if before is None else max(0, self.fastest_ns - before)
