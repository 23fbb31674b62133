"""The figures of a run, as a table and as lines."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from benchmarks.mutation.deciding import file_of


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that the tests did not find."""

    module: str
    row: int
    operator: str
    line: str
    mutant: str
    explained: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one module."""

    module: str
    all: int
    """Mutants that the operators make."""
    tried: int
    killed: int
    timed_out: int
    survivors: list[Survivor]
    took_s: float


def table(rows: Iterable[Row]) -> str:
    heads = ("module", "mutants", "tried", "killed", "timed out", "survived", "explained")
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    sums = [0] * 6
    for row in rows:
        explained_too = sum(one.explained for one in row.survivors)
        figures = [row.all, row.tried, row.killed, row.timed_out, len(row.survivors), explained_too]
        sums = [total + one for total, one in zip(sums, figures, strict=True)]
        lines.append(f"| {row.module} | {' | '.join(map(str, figures))} |")
    return "\n".join([*lines, f"| in all | {' | '.join(map(str, sums))} |"])


def told(survivor: Survivor) -> str:
    place = f"{file_of(survivor.module)}:{survivor.row}"
    return f"{place} {survivor.operator}\n    - {survivor.line}\n    + {survivor.mutant}"
