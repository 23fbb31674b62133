"""The comparison of each talker's gaps, and of the calls, with what the faults may cost. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chaos.draw import Drawn
from benchmarks.chaos.kinds import (
    HELD_BACK_S,
    MOST_LEFT_OVER,
    PROMISED_IN_AN_HOUR,
    QUIET_S,
    SPARE_CALLS,
    SPARE_IN_A_WINDOW,
)


@dataclass(frozen=True)
class Gap:
    """The longest stretch of a window in which a talker was not heard."""

    seconds: float
    after_s: float
    """Its start, from the start of the window."""


@dataclass(frozen=True)
class Excess:
    """A gap that is longer than the faults may cost."""

    peer: str
    gap: Gap
    allowed_s: float

    @property
    def by_s(self) -> float:
        return self.gap.seconds - self.allowed_s

    def __str__(self) -> str:
        return (
            f"{self.peer} was missing for {self.gap.seconds:.2f} s, {self.allowed_s:.2f} s are explained"
            f" (from {self.gap.after_s:.2f} s after the beginning)"
        )


def longest(heard_ns: Iterable[int], began_ns: int, ended_ns: int) -> Gap:
    """Return the longest stretch of the window in which nothing was heard, its ends included."""
    found, last = (0, began_ns), began_ns
    for at in [*sorted(at for at in heard_ns if began_ns <= at <= ended_ns), ended_ns]:
        found, last = max(found, (at - last, last), key=lambda gap: gap[0]), at
    return Gap(found[0] / 1e9, (found[1] - began_ns) / 1e9)


def allowed_s(
    peer: str, faults: Sequence[Drawn], peers: Sequence[str], stalled_s: float = 0.0, *, held_back: bool = False
) -> float:
    """Return the gap that these faults together may cost `peer`: the sum of their costs, with the noise counted once.

    `stalled_s` is how long the machine delayed even a process of the highest priority, or the consoles spoke late. It
    counts twice, as part of a late burst is discarded while the playout delay grows. `held_back` means that the rate
    limit of push channels was exceeded lately, so that the party may be lost and rejoined.
    """
    costs = [one.kind.cost_s(peer, peers[one.struck % len(peers)], one.hold_s) for one in faults]
    waits = any(cost and one.kind.by_push for cost, one in zip(costs, faults, strict=True))
    push_s = sum(one.kind.push_s for one in faults) if waits else 0.0
    return QUIET_S + sum(costs) + push_s + 2 * stalled_s + (HELD_BACK_S if held_back else 0.0)


def excesses(
    gaps: Mapping[str, Gap],
    faults: Sequence[Drawn],
    peers: Sequence[str],
    stalled_s: float = 0.0,
    *,
    held_back: bool = False,
) -> list[Excess]:
    """Return the gaps (by peer) that are longer than `faults` may cost, the worst first."""
    found = [
        Excess(peer, gap, allowed_s(peer, faults, peers, stalled_s, held_back=held_back)) for peer, gap in gaps.items()
    ]
    return sorted((one for one in found if one.by_s > 0), key=lambda one: -one.by_s)


def grown(before: int, after: int) -> int:
    """Return by how much a counter grew. A smaller value means that it restarted from 0."""
    return after - before if after >= before else after


def demand(faults: Sequence[Drawn]) -> str:
    """Return why these faults demand calls by themselves, empty if none does."""
    return "; ".join(one.kind.calls for one in faults if one.kind.calls)


def allowed_calls(faults: Sequence[Drawn], seconds: float) -> int:
    """Return how many calls a window of `seconds` with these faults may have."""
    by_the_way = SPARE_IN_A_WINDOW + PROMISED_IN_AN_HOUR * seconds / 3600
    return int(by_the_way + sum(one.kind.most_calls for one in faults))


class Budget:
    """Calls that faults may still cause in later windows. A dead link is noticed long after its fault."""

    def __init__(self) -> None:
        self._left = 0

    def spend(self, calls: int, allowed: int) -> str:
        """Record the calls of a window and their limit. Return what is wrong, empty if nothing is."""
        most = allowed + self._left
        self._left = min(max(0, most - calls), MOST_LEFT_OVER)
        return f'"Sony" was called {calls} times, {most} are explained' if calls > most else ""


def too_many(calls: int, seconds: float) -> bool:
    """Return whether calls that no fault demanded exceed a tenth of the limit."""
    return calls > SPARE_CALLS + PROMISED_IN_AN_HOUR * seconds / 3600
