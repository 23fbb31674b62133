"""Detection of a sleep of this machine, or a pause of this process. No I/O, no clock.

Each worker decides by its own clocks, without the bus, which may be the last thing to work again.
"""

from __future__ import annotations

from dataclasses import dataclass

WOKE_S = 3.0
"""A shorter absence changes nothing: connections survive it, and a busy machine is late by less. Chosen as a tenth of
the 30 s after which PlayStation's push server and WebRTC's consent (RFC 7675) give a silent client up."""


@dataclass(frozen=True)
class Wake:
    """The end of a time in which this process did not run."""

    away_s: float
    """How long it did not run."""
    slept: bool
    """Whether the machine slept. Then its network was off too. Otherwise the process was stopped, or very late."""


class WakeDetector:
    """Detects wakes. Call `beat` at least every `every_s` seconds, as the process sees them.

    `boot` is in seconds of `common.basic.clock.boot_s`, which runs on in sleep. `monotonic` is in seconds of
    `time.monotonic`, which stands still in sleep, on macOS and Linux alike. The wall clock takes no part, since it can
    be set.
    """

    def __init__(self, every_s: float, boot: float, monotonic: float) -> None:
        self._every_s = every_s
        self._boot, self._monotonic = boot, monotonic

    def beat(self, boot: float, monotonic: float) -> Wake | None:
        """Return the wake since the last beat, None if there was none. Each is returned once."""
        passed_s, awake_s = boot - self._boot, monotonic - self._monotonic
        self._boot, self._monotonic = boot, monotonic
        if passed_s - awake_s >= WOKE_S:
            return Wake(passed_s - awake_s, slept=True)
        late_s = passed_s - self._every_s
        return Wake(late_s, slept=False) if late_s >= WOKE_S else None
