"""Who is the loudest of those who speak, steady enough to be read. No I/O, and the caller passes the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

SMOOTHING = 0.2
"""Share of a new level in the mean, at ten levels a second: a word counts, and not a syllable."""
LEAD_DB = 3.0
STAY_S = 1.0
"""Somebody else has to be louder by that much, and not sooner than that after the last change. Chosen so that two who
talk at once do not take turns on a display."""
SILENT_DB = -120.0


class LoudestTalker:
    """Peer key of the loudest talker, or empty while nobody speaks."""

    def __init__(self) -> None:
        self.peer = ""
        self._since = 0.0
        self._means: dict[str, float] = {}

    def levels(self, talkers: Mapping[str, float]) -> None:
        """Take the peaks of one interval, in dBFS."""
        means = self._means
        self._means = {
            peer: means.get(peer, SILENT_DB) + (max(db, SILENT_DB) - means.get(peer, SILENT_DB)) * SMOOTHING
            for peer, db in talkers.items()
        }

    def choose(self, speaking: Collection[str], now: float) -> str:
        """Return who it is among those who speak."""
        best = max(sorted(speaking), key=self._mean, default="")
        if best == self.peer:
            return self.peer
        present = self.peer in speaking
        if present and (now < self._since + STAY_S or self._mean(best) < self._mean(self.peer) + LEAD_DB):
            return self.peer
        self.peer, self._since = best, now
        return self.peer

    def _mean(self, peer: str) -> float:
        return self._means.get(peer, SILENT_DB)
