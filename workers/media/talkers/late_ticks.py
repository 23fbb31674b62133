"""Whether media's ticks are late for so long that voices suffer. No I/O, no clock. Times are monotonic seconds."""

from __future__ import annotations

LATE_MS, GOOD_MS = 5.0, 3.0
"""Lateness at the 99th percentile that counts as late, and that counts as good. audio's queue is 20 ms, of which the
device takes up to 10 ms at once: a tick 5 ms late leaves little, and `benchmarks.sound.talkers` holds us below it."""
HOLD_S = 60.0
"""How long it must be late to be told, and good to be taken back. Chosen as three times the span of the percentile."""


class LateTicks:
    def __init__(self) -> None:
        self.is_late = False
        self._since: float | None = None
        """Since when the ticks say the opposite of `is_late`."""

    def record(self, late_ms: float, now: float) -> bool:
        """Record the lateness at the 99th percentile. Return `is_late`. Between the two limits nothing changes."""
        contradicts = late_ms < GOOD_MS if self.is_late else late_ms > LATE_MS
        if not contradicts:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= HOLD_S:
            self.is_late, self._since = not self.is_late, None
        return self.is_late

    def clear(self) -> None:
        """Forget all, because nobody is there to be heard."""
        self.is_late, self._since = False, None
