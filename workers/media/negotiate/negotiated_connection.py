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
class NegotiatedConnection:
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


def preferred(two: Sequence[NegotiatedConnection], *, wins_glare: bool) -> NegotiatedConnection:
    """Return the one of two that should stay, which is the glare winner's offer, or the later of one member's two.

    `wins_glare` means that our offer wins. Two clients of our kind choose the same one.
    """
    first, second = two
    if first.ours == second.ours:
        return max(first, second, key=lambda one: one.number)
    return first if first.ours is wins_glare else second


def worse(established: Sequence[NegotiatedConnection], *, wins_glare: bool) -> NegotiatedConnection:
    """Return the least useful of one or two connections."""
    if len(established) == 1:
        return established[0]
    stays, since = preferred(established, wins_glare=wins_glare), _both_since(established)

    def worth(one: NegotiatedConnection) -> tuple[bool, bool, bool]:
        return one.rtp_at > since, one.heard_at > since, one is stays

    return min(established, key=worth)


def loser(established: Sequence[NegotiatedConnection], now: float, *, wins_glare: bool) -> NegotiatedConnection | None:
    """Return which of two to close, None while that is undecided."""
    stays, since = preferred(established, wins_glare=wins_glare), _both_since(established)
    if stays.rtp_at >= since + SETTLE_S:
        return next(one for one in established if one is not stays)
    return worse(established, wins_glare=wins_glare) if now >= since + CHOICE_S else None


def _both_since(established: Sequence[NegotiatedConnection]) -> float:
    return max(one.up_at or 0.0 for one in established)
