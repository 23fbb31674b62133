"""The table by kind of fault. No I/O."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.chaos.draw import Drawn

QUIET = "quiet"
PAIRS = "pairs"


@dataclass(frozen=True)
class Window:
    """The time from a fault's begin until all was healthy again, or a quiet time before one."""

    faults: tuple[Drawn, ...]
    seconds: float
    gaps: dict[str, float]
    """Peer key, or the mix → longest gap in seconds."""
    missing: int
    """10 ms frames missing in the mix."""
    concealed: int
    calls: int
    stalled_s: float = 0.0
    """Longest delay of a process of the highest priority, or of the consoles' own clock."""
    held_back: bool = False
    """Whether the push channel was lost more often than it may be opened."""
    late_s: float = 0.0
    """Longest delay of a talker's frame at the audio subscriber, concealed or not."""
    healthy_s: float = 0.0
    """Time from the end of the faults until all was healthy."""
    wrong: list[str] = field(default_factory=list)
    """Gaps, calls and unhealthy states that no fault explains."""
    stuck: bool = False
    """Whether it did not become healthy again."""

    @property
    def gap_s(self) -> float:
        return max(self.gaps.values(), default=0.0)


@dataclass(frozen=True)
class Row:
    kind: str
    times: int
    """Windows with this fault alone."""
    in_pairs: int
    worst_s: float
    median_s: float
    healthy_s: float
    """The longest."""
    calls: int
    """Of the windows with this fault alone."""


def rows(windows: Sequence[Window]) -> list[Row]:
    """Return a row for the quiet times, one per kind by name, and one for all pairs together."""
    kinds = sorted({drawn.kind.name for window in windows for drawn in window.faults})
    pairs = [window for window in windows if len(window.faults) > 1]
    alone = [window for window in windows if len(window.faults) == 1]
    table = [_row(QUIET, [window for window in windows if not window.faults], 0)]
    for kind in kinds:
        paired = sum(any(drawn.kind.name == kind for drawn in window.faults) for window in pairs)
        table.append(_row(kind, [window for window in alone if window.faults[0].kind.name == kind], paired))
    return [*table, _row(PAIRS, pairs, 0)]


def _row(kind: str, windows: Sequence[Window], in_pairs: int) -> Row:
    gaps = [window.gap_s for window in windows] or [0.0]
    return Row(
        kind=kind,
        times=len(windows),
        in_pairs=in_pairs,
        worst_s=round(max(gaps), 2),
        median_s=round(statistics.median(gaps), 2),
        healthy_s=round(max((window.healthy_s for window in windows), default=0.0), 1),
        calls=sum(window.calls for window in windows),
    )


def table(found: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| fault | alone | in pairs | worst gap s | median gap s | healthy after s | calls |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {row.kind} | {row.times} | {row.in_pairs} | {row.worst_s} | {row.median_s} | {row.healthy_s} "
        f"| {row.calls} |"
        for row in found
    ]
    return "\n".join(lines)
