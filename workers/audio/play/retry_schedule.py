"""The retries of the wanted sink: their interval, whether they rescan devices, and the time of a proof. No I/O."""

from __future__ import annotations

RETRY_S = 0.25
"""Chosen so that a device is heard soon after its return, which `benchmarks.sound.unplug` measures."""
RESCAN_EVERY = 4
"""Devices are rescanned on every 4th retry, and immediately after a change. A rescan leaks some 10 KB in ALSA."""
EAGER_TRIES = 240
"""One minute of retries."""
SLOWER = 40
"""After `EAGER_TRIES` failures in a row the retry interval is `SLOWER` times as long, until something changes."""
PROOF_S, MOST_PROOF_S = 2.0, 60.0
"""How long a stalled device may take to continue before it is reopened. The time doubles with each failure."""


class RetrySchedule:
    def __init__(self) -> None:
        self._failures = 0

    def record_failure(self) -> None:
        self._failures += 1

    def clear(self) -> None:
        """Retry eagerly again, because the sink plays or something changed."""
        self._failures = 0

    @property
    def waits(self) -> int:
        """How many times `RETRY_S` to wait for the next retry."""
        return SLOWER if self._failures > EAGER_TRIES else 1

    @property
    def is_rescan_due(self) -> bool:
        """Whether the next retry rescans devices, although nothing has changed."""
        return self._failures % RESCAN_EVERY == 0 or self._failures > EAGER_TRIES

    @property
    def proof_s(self) -> float:
        return float(min(MOST_PROOF_S, PROOF_S * 2 ** min(self._failures, 10)))
