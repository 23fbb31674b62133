"""The connections of a negotiation, and the choice between two that are up. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.media.negotiate.offers import Offer

SETTLE_S = 0.5
"""What arrives this soon after the second connection came up may have been sent before."""
CHOICE_S = 2.5
"""If the preferred one of two connections carries nothing for this long, the other one may stay."""


@dataclass(eq=False)
class Link:
    """One connection."""

    number: int
    ours: bool
    """Whether it was made by the local offer."""
    sequence: int
    deadline: float
    """When it must be answered, or up."""
    offer: Offer | None = None
    """The remote offer that it answers."""
    up_at: float | None = None
    heard_at: float = -1.0
    """When RTP or RTCP last arrived, -1 if never."""
    rtp_at: float = -1.0


def preferred(two: Sequence[Link], *, older: bool) -> Link:
    """Return the one of two that should stay, which is the older member's offer, or the later of one member's two.

    `older` says that we are the older member. Two clients of our kind choose the same one.
    """
    first, second = two
    if first.ours == second.ours:
        return max(first, second, key=lambda link: link.number)
    return first if first.ours is older else second


def worse(standing: Sequence[Link], *, older: bool) -> Link:
    """Return the least useful of one or two connections."""
    if len(standing) == 1:
        return standing[0]
    stays, since = preferred(standing, older=older), _both_since(standing)

    def worth(link: Link) -> tuple[bool, bool, bool]:
        return link.rtp_at > since, link.heard_at > since, link is stays

    return min(standing, key=worth)


def loser(standing: Sequence[Link], now: float, *, older: bool) -> Link | None:
    """Return which of two to close, None while that is undecided."""
    stays, since = preferred(standing, older=older), _both_since(standing)
    if stays.rtp_at >= since + SETTLE_S:
        return next(link for link in standing if link is not stays)
    return worse(standing, older=older) if now >= since + CHOICE_S else None


def _both_since(standing: Sequence[Link]) -> float:
    return max(link.up_at or 0.0 for link in standing)
