"""Offers that were overtaken: messages on the way have no order but their sender's own count. No I/O."""

from __future__ import annotations

from collections.abc import Container

OVERTAKEN_S = 10.0
"""An offer that a later one of the same sender has overtaken comes within so many seconds, or is no such thing:
then the sender counts anew."""


class Latest:
    """The latest offer of each member, by peer key: its `global_seq_num`, and when it came."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[int, float]] = {}

    def keep(self, present: Container[str]) -> None:
        """Forget everybody but `present`."""
        self._latest = {peer: latest for peer, latest in self._latest.items() if peer in present}

    def overtaken(self, peer: str, number: int, now: float) -> bool:
        """Take in an offer; tell whether it belongs to an earlier connection."""
        latest, at = self._latest.get(peer, (0, now - OVERTAKEN_S))
        if number < latest and now - at < OVERTAKEN_S:
            return True
        self._latest[peer] = (number, now)
        return False
