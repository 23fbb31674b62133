"""Detection of overtaken offers. Messages may arrive out of order, and only the sender's count shows it. No I/O."""

from __future__ import annotations

from collections.abc import Container

OVERTAKEN_S = 10.0
"""An overtaken offer comes within this many seconds. Later a lower number means that the sender restarted its count."""


class OfferOrder:
    """The latest offer of each member by peer key, with its `global_seq_num` and its arrival."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[int, float]] = {}

    def keep(self, present: Container[str]) -> None:
        """Forget all members but `present`."""
        self._latest = {peer: latest for peer, latest in self._latest.items() if peer in present}

    def is_overtaken(self, peer: str, number: int, now: float) -> bool:
        """Record an offer. Return whether it belongs to an earlier connection."""
        if peer in self._latest:
            latest, at = self._latest[peer]
            if number < latest and now - at < OVERTAKEN_S:
                return True
        self._latest[peer] = (number, now)
        return False
