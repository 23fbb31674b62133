"""One of several, e.g. of rules that want different scenes. No I/O.

Whoever has won stays for his minimum time, even if he does not want it any more. After that the highest priority wins,
then who came last or is loudest.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from integrations.obs_rules.rules.model import Wins

MARGIN_DB = 3.0
"""By how much another voice must be louder to take over. 3 dB is a clear difference, and levels of two equally loud
voices differ by less from moment to moment."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Claim(Generic[K]):
    """Somebody who wants it."""

    key: K
    began: float
    """When he came."""
    level_db: float = 0.0
    priority: int = 0
    minimum_s: float = 0.0


class Contest(Generic[K]):
    def __init__(self, wins: Wins) -> None:
        self.holder: K | None = None
        self.free_at = 0.0
        """Until then the holder stays."""
        self._wins = wins

    def decide(self, now: float, claims: Sequence[Claim[K]]) -> K | None:
        """Return who has it now."""
        if self.holder is not None and now < self.free_at:
            return self.holder
        best = self._best(claims)
        if best is None:
            self.holder = None
        elif best.key != self.holder:
            self.holder = best.key
            self.free_at = now + best.minimum_s
        return self.holder

    def _best(self, claims: Sequence[Claim[K]]) -> Claim[K] | None:
        if not claims:
            return None
        highest = max(claim.priority for claim in claims)
        equals = [claim for claim in claims if claim.priority == highest]
        present = next((claim for claim in equals if claim.key == self.holder), None)
        if self._wins == "latest":
            best = max(equals, key=lambda claim: claim.began)
            return present if present and present.began >= best.began else best
        best = max(equals, key=lambda claim: claim.level_db)
        return present if present and best.level_db < present.level_db + MARGIN_DB else best
