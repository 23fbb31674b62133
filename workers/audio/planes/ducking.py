"""The ducking decision, whether the party speaks. Coughs do not count. No I/O, no clock."""

from __future__ import annotations

BEGIN_POLLS = 2
"""Polls in a row above the threshold after which the party speaks. Chosen so that a cough does not count."""
HOLD_POLLS = 12
"""Polls in a row below it, by `HYSTERESIS_DB`, after which the party is quiet."""
HYSTERESIS_DB = 6.0


class Ducker:
    """The decision. Call `poll` ten times a second."""

    def __init__(self, threshold_db: float) -> None:
        self._threshold_db = threshold_db
        self.active = False
        self._polls = 0

    def poll(self, peak_db: float) -> bool:
        """Take the highest peak of any talker in the mix, in dBFS. Return whether `active` changed."""
        if self.active:
            counts = peak_db < self._threshold_db - HYSTERESIS_DB
            needed = HOLD_POLLS
        else:
            counts = peak_db >= self._threshold_db
            needed = BEGIN_POLLS
        self._polls = self._polls + 1 if counts else 0
        if self._polls < needed:
            return False
        self.active = not self.active
        self._polls = 0
        return True
