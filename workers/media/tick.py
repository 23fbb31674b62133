"""The 10 ms tick on an absolute schedule, which catches up after a short stall and moves on after a long one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from common.messages import FRAME_MS

TICK_NS = FRAME_MS * 1_000_000
LONGEST_CATCH_UP = 20
"""The most ticks to catch up. After a longer stall the schedule moves on, since frames that late are useless."""
_SETTLE_TURNS = 4
"""Event-loop turns that a packet needs from the socket to the buffer."""


class Schedule:
    """The schedule of the ticks. Pure. The caller passes monotonic nanoseconds."""

    def __init__(self, start_ns: int) -> None:
        self.number = 0
        self.moved = 0
        """How often the schedule moved on."""
        self._origin_ns = start_ns

    @property
    def due_ns(self) -> int:
        """When the next tick is due."""
        return self._origin_ns + self.number * TICK_NS

    def behind(self, now_ns: int) -> int:
        """Return how many ticks are due at `now_ns`. Moves the schedule on if there are too many."""
        late_ns = now_ns - self.due_ns
        if late_ns > LONGEST_CATCH_UP * TICK_NS:
            self.moved += 1
            self._origin_ns += late_ns
            late_ns = 0
        return late_ns // TICK_NS + 1 if late_ns >= 0 else 0

    def take(self) -> tuple[int, int]:
        """Return (number, due) of the next tick and advance."""
        taken = self.number, self.due_ns
        self.number += 1
        return taken


class Ticker:
    """Calls `on_tick(number, due_ns)` on schedule, for ever."""

    def __init__(self, on_tick: Callable[[int, int], None]) -> None:
        self._on_tick = on_tick
        self.lateness_ns: deque[int] = deque(maxlen=2000)
        self.schedule = Schedule(time.monotonic_ns())

    async def run(self) -> None:
        while True:
            wait_ns = self.schedule.due_ns - time.monotonic_ns()
            await asyncio.sleep(max(0, wait_ns) / 1e9)
            behind = self.schedule.behind(time.monotonic_ns())
            if behind > 1:
                for _ in range(_SETTLE_TURNS):
                    await asyncio.sleep(0)  # packets that arrived during the stall go into the buffers first
            for _ in range(behind):
                number, due_ns = self.schedule.take()
                self.lateness_ns.append(time.monotonic_ns() - due_ns)
                self._on_tick(number, due_ns)

    def late_ms(self, share: float) -> float:
        """Return the lateness in ms that `share` (0..1) of the last 20 s' ticks did not exceed."""
        ordered = sorted(self.lateness_ns)
        return ordered[int(share * (len(ordered) - 1))] / 1e6 if ordered else 0.0
