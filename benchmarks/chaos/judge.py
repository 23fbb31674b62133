"""What was missing of each talker, compared with what the faults may cost; and the calls. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chaos.draw import Drawn
from benchmarks.chaos.kinds import PROMISED_IN_AN_HOUR, QUIET_S, SPARE_CALLS


@dataclass(frozen=True)
class Excess:
    """A gap that the faults do not explain, in seconds."""

    peer: str
    gap_s: float
    allowed_s: float

    def __str__(self) -> str:
        return f"{self.peer} was missing for {self.gap_s:.2f} s, {self.allowed_s:.2f} s are explained"


def longest_s(heard_ns: Iterable[int], began_ns: int, ended_ns: int) -> float:
    """Return the longest stretch of the window in which nothing was heard, its ends included."""
    longest, last = 0, began_ns
    for at in sorted(heard_ns):
        if began_ns <= at <= ended_ns:
            longest, last = max(longest, at - last), at
    return max(longest, ended_ns - last) / 1e9


def allowed_s(peer: str, faults: Sequence[Drawn], peers: Sequence[str]) -> float:
    """Return the gap that these faults together may cost `peer`: what they cost one after the other, but the noise."""
    return QUIET_S + sum(one.kind.cost_s(peer, peers[one.struck % len(peers)], one.hold_s) for one in faults)


def excesses(gaps: Mapping[str, float], faults: Sequence[Drawn], peers: Sequence[str]) -> list[Excess]:
    """Return the gaps (seconds by peer) that are longer than `faults` may cost, the worst first."""
    found = [Excess(peer, gap, allowed_s(peer, faults, peers)) for peer, gap in gaps.items()]
    return sorted((one for one in found if one.gap_s > one.allowed_s), key=lambda one: one.allowed_s - one.gap_s)


def grown(before: int, after: int) -> int:
    """Return by how much a counter grew; one that is smaller now began anew."""
    return after - before if after >= before else after


def demand(faults: Sequence[Drawn]) -> str:
    """Return why these faults demand calls by themselves; empty if none does."""
    return "; ".join(one.kind.calls for one in faults if one.kind.calls)


def too_many(calls: int, seconds: float) -> bool:
    """Return whether calls that nothing demanded are more than a tenth of the limit."""
    return calls > SPARE_CALLS + PROMISED_IN_AN_HOUR * seconds / 3600
