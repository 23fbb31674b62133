"""Detection of push events that the bus lost, by their numbers."""

from __future__ import annotations


class GapDetector:
    """Checks `PushEvent`s by (epoch, number). A new epoch or a missing number is a gap."""

    def __init__(self) -> None:
        self._epoch = ""
        self._next = 1

    def on_opened(self, epoch: str) -> bool:
        """Record that the channel is open under `epoch`. Return whether that is a new connection."""
        if epoch == self._epoch:
            return False
        self._epoch, self._next = epoch, 1
        return True

    def on_event(self, epoch: str, number: int) -> bool:
        """Record an event. Return whether one before it is missing."""
        if epoch != self._epoch:
            self._epoch, self._next = epoch, number + 1
            return True
        missing = number > self._next
        self._next = max(self._next, number + 1)
        return missing
