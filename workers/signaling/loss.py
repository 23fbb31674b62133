"""The end of the last open push connection, as the reconnect policy and the state file know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """The end of the last open link."""

    at: float
    """Seconds of the clock that runs during the machine's sleep (`common.basic.clock.boot_s`)."""
    presence_s: float
    """`serverPresenceTimeout` at that time."""

    def within_presence(self, now: float) -> bool:
        return now - self.at < self.presence_s
