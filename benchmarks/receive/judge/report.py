"""Readable results: a table, medians, a verdict per trace, and the pages of benchmarks/results."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from benchmarks.receive.rows import Row

PESQ_SLACK = 0.03
DELAY_SHARE = 0.9
CLEAN_MS = 20.0
CEILING_SLACK = 0.1
UNBROKEN = ("clean", "jitter-30", "jitter-60", "loss-5", "loss-5-jitter-60", "drift-fast", "drift-slow", "reorder")
"""Traces below 10 % of random loss, on which no interruption of 150 ms is excused."""
UNBOUND = ("jitter-30", "jitter-60", "reorder", "spikes-300", "drift-fast", "drift-slow", "cut-2s")
"""Traces that lose (nearly) nothing, or all at once. Their ceiling equals the clean one's and does not apply."""
_COLUMNS = {"delay median": 13, "mean": 8, "p95": 8, "PESQ": 7, "STOI": 7, "interr.": 9, "made up": 9, "CPU": 7}
_HEAD = f"{'trace':<24}{'system':<10}" + "".join(f"{name:>{width}}" for name, width in _COLUMNS.items())


def table(rows: Sequence[Row]) -> str:
    """Return one line per row. Delays are in ms, shares and CPU (of a core, per stream) in %."""
    return "\n".join([_HEAD, *(_line(row) for row in rows)])


def medians(rows: Sequence[Row]) -> list[Row]:
    """Return one row per trace and system, with the median of each figure over the rounds."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.trace, row.system), []).append(row)
    return [_median(group) for group in groups.values()]


@dataclass(frozen=True)
class Verdict:
    """Whether our system wins a trace, and why not. The differences are ours against Chromium's."""

    trace: str
    won: bool
    pesq: float
    delay: float
    """Our delay as a share of Chromium's."""
    words: str


def verdict(ours: Row, chromium: Row, ceiling: float) -> Verdict:
    """Return the verdict on one trace by its medians.

    PESQ must be at least Chromium's - 0.03, the median delay at most 0.9 of Chromium's (clean: 20 ms or less as well),
    PESQ within 0.1 of the ceiling where that applies, and no interruption may occur where none is excused.
    """
    pesq, delay = ours.pesq_wb - chromium.pesq_wb, ours.delay_ms_median / chromium.delay_ms_median
    failures = []
    if not pesq >= -PESQ_SLACK:
        failures.append(f"PESQ {pesq:+.2f} of Chromium's")
    if not delay <= DELAY_SHARE:
        failures.append(f"delay {delay:.2f} x Chromium's")
    if ours.trace == "clean" and not ours.delay_ms_median <= CLEAN_MS:
        failures.append(f"delay {ours.delay_ms_median:.0f} ms, wanted {CLEAN_MS:.0f}")
    if ours.trace not in UNBOUND and not ours.pesq_wb >= ceiling - CEILING_SLACK:
        failures.append(f"PESQ {ours.pesq_wb - ceiling:+.2f} of the ceiling")
    if ours.trace in UNBROKEN and ours.interruptions:
        failures.append(f"{ours.interruptions} interruptions")
    words = f"not won: {', '.join(failures)}" if failures else f"won: PESQ {pesq:+.2f}, delay {delay:.2f} x"
    return Verdict(ours.trace, not failures, pesq, delay, words)


def verdicts(middle: Sequence[Row], ceilings: Mapping[str, float]) -> list[Verdict]:
    """Return the verdict on every trace that both our system and Chromium have run."""
    found = {(row.trace, row.system): row for row in middle}
    return [
        verdict(found[name, "ours"], found[name, "chromium"], ceiling)
        for name, ceiling in ceilings.items()
        if (name, "ours") in found and (name, "chromium") in found
    ]


def page(
    middle: Sequence[Row], judged: Sequence[Verdict], ceilings: Mapping[str, float], circumstances: Mapping[str, str]
) -> str:
    """Return the results as Markdown."""
    found = {(row.trace, row.system): row for row in middle}
    systems = list(dict.fromkeys(row.system for row in middle))
    head = ["trace", *(f"{system}: delay ms / p95 / PESQ" for system in systems), "ceiling", "verdict"]
    words = {one.trace: one.words for one in judged}
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, ceiling in ceilings.items():
        cells = [_cell(found[name, system]) if (name, system) in found else "" for system in systems]
        lines.append(f"| {' | '.join([name, *cells, f'{ceiling:.2f}', words.get(name, '')])} |")
    won = sum(one.won for one in judged)
    told = [f"- {what}: {value}" for what, value in circumstances.items()]
    return "\n".join(
        [
            "# The receive path against Chromium's and aiortc's",
            "",
            *told,
            "",
            f"{won} of {len(judged)} traces won. Delay: median of RTP sent → 10 ms frame out, without",
            "packetisation and codec; `benchmarks/receive/` says how each figure is made.",
            "",
            *lines,
            "",
            "## Every figure (medians of the rounds)",
            "",
            "```",
            table(middle),
            "```",
            "",
        ]
    )


def _cell(row: Row) -> str:
    return f"{row.delay_ms_median:.0f} / {row.delay_ms_p95:.0f} / {row.pesq_wb:.2f}"


def _median(group: Sequence[Row]) -> Row:
    figures: dict[str, Any] = {}
    for field in fields(Row):
        values = [getattr(row, field.name) for row in group]
        if isinstance(values[0], float):
            told = [value for value in values if not math.isnan(value)]
            figures[field.name] = statistics.median(told) if told else math.nan
    interruptions = int(statistics.median_high(row.interruptions for row in group))
    return replace(group[0], **figures, interruptions=interruptions, round=0)


def _line(row: Row) -> str:
    return (
        f"{row.trace:<24}{row.system:<10}{row.delay_ms_median:>13.1f}{row.delay_ms_mean:>8.1f}{row.delay_ms_p95:>8.1f}"
        f"{row.pesq_wb:>7.2f}{row.stoi:>7.3f}{row.interruptions:>9}"
        f"{_number(row.concealed * 100):>9}{_number(row.cpu_percent):>7}"
    )


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}"
