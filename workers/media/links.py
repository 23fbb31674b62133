"""What a negotiation knows of its connections, and which of two that stand is to stay. No I/O; time comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.media.offers import Offer

SETTLE_S = 0.5
"""When two stand, what comes so soon after the second came up may have been on its way before."""
CHOICE_S = 2.5
"""When two stand and the one that should stay carries nothing for so long, the other one may stay."""


@dataclass(eq=False)
class Link:
    """One connection."""

    number: int
    ours: bool
    """Whether we offered it."""
    sequence: int
    deadline: float
    """Until then it must be answered, or up."""
    offer: Offer | None = None
    """Theirs, where they offered it."""
    up_at: float | None = None
    heard_at: float = -1.0
    """When RTP or RTCP last came; -1: never."""
    rtp_at: float = -1.0


def preferred(two: Sequence[Link], *, older: bool) -> Link:
    """Return which of two should stay: the older member's offer; of one member's offers the later.

    `older`: we are the older member. Both ends of our kind come to the same.
    """
    first, second = two
    if first.ours == second.ours:
        return max(first, second, key=lambda link: link.number)
    return first if first.ours is older else second


def worse(standing: Sequence[Link], *, older: bool) -> Link:
    """Return the one of one or two that has least to say for itself."""
    if len(standing) == 1:
        return standing[0]
    stays, since = preferred(standing, older=older), _both_since(standing)

    def worth(link: Link) -> tuple[bool, bool, bool]:
        return link.rtp_at > since, link.heard_at > since, link is stays

    return min(standing, key=worth)


def loser(standing: Sequence[Link], now: float, *, older: bool) -> Link | None:
    """Return which of two is to be closed, None while that is open."""
    stays, since = preferred(standing, older=older), _both_since(standing)
    if stays.rtp_at >= since + SETTLE_S:
        return next(link for link in standing if link is not stays)
    return worse(standing, older=older) if now >= since + CHOICE_S else None


def _both_since(standing: Sequence[Link]) -> float:
    return max(link.up_at or 0.0 for link in standing)
