"""The page of a set of networks: verdict, kinds, what was lost most, and which seeds were used."""

from __future__ import annotations

import datetime as dt
import json
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.receive.machine import processor
from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.seeds import Split
from benchmarks.receive.networks.verdict import agreement, judgement
from benchmarks.receive.networks.verdict.judgement import Pair

_FIGURES = {
    "delay median": ("delay_ms_median", 0),
    "delay p95": ("delay_ms_p95", 0),
    "worst 5 s": ("delay_ms_worst", 0),
    "first 15 s": ("delay_ms_start", 0),
    "last 15 s": ("delay_ms_end", 0),
    "PESQ-WB": ("pesq_wb", 2),
    "worst piece": ("pesq_wb_worst", 2),
    "PLCMOS": ("plcmos", 2),
    "damaged %": ("damaged", 2),
    "unfound %": ("unfound", 2),
}
_LOST_SHOWN = 15
_NOTE = """Delay runs from RTP sent to the 10 ms frame handed out, without packetisation, codec, bus and device, for
every system alike. Damaged: 20 ms pieces of speech that are not found again near their place. Unfound: windows of
200 ms for which no delay could be measured. PESQ-WB and PLCMOS are means over pieces of 9 s, aligned one by one.
Intervals are 95 % by bootstrap over networks."""


def report(rows: Sequence[Row], split: Split, *, save: bool = False, folder: Path | None = None) -> str:
    """Return the page of all rows of a split, and write it with plot and rows if wanted."""
    rows = [row for row in rows if row.split == split]
    if not rows:
        return f"There are no rows of the {split} seeds yet."
    text = "\n".join([*_head(rows, split), *_systems(rows), *_verdict(rows), *agreement.lines(rows), ""])
    if save:
        from benchmarks.receive.networks.verdict import plot  # noqa: PLC0415  # a page alone needs no plots
        from benchmarks.receive.results import FOLDER  # noqa: PLC0415  # the same

        date = dt.datetime.now(dt.UTC).date().isoformat()
        stem = (folder or FOLDER) / f"networks-{split}-{date}"
        picture = stem.with_suffix(".png")
        plot.draw(judgement.pairs(rows), f"{split} seeds, {date}").savefig(picture, dpi=110)
        stem.with_suffix(".md").write_text(f"{text}\n![ours against Chromium]({picture.name})\n")
        lines = ",\n".join(json.dumps(row.as_json()) for row in sorted(rows, key=lambda row: (row.run, row.system)))
        stem.with_suffix(".json").write_text(f"[\n{lines}\n]\n")
    return text


def _head(rows: Sequence[Row], split: Split) -> list[str]:
    indexes = sorted({row.index for row in rows})
    networks = f"{indexes[0]} to {indexes[-1]} ({len(indexes)} of them)"
    losses = ", ".join(str(seed) for seed in sorted({row.loss_seed for row in rows}))
    late = [row.late_ms for row in rows if not math.isnan(row.late_ms)]
    lines = [
        f"# The receive path on drawn networks ({split} seeds)",
        "",
        f"- date: {dt.datetime.now(dt.UTC).date().isoformat()}, machine: {processor()}",
        f"- seeds: **{split}**, networks {networks}, loss seeds {losses}, {rows[0].seconds:.0f} s each",
    ]
    for system in _names(rows):
        some = [row for row in rows if row.system == system]
        clocks = " and ".join(sorted({row.clock for row in some}))
        versions = ", ".join(sorted({row.version for row in some}))
        lines.append(f"- {system}: {len(some)} runs, {clocks} time, {versions}")
    if late:
        lines.append(f"- sending late, p99 of the worst batch: {max(late):.1f} ms")
    return [*lines, "", _NOTE, ""]


def _systems(rows: Sequence[Row]) -> list[str]:
    """Return the medians of each system over the runs that all of them have."""
    names = _names(rows)
    rows = list({(row.run, row.system): row for row in sorted(rows, key=lambda row: row.clock == "simulated")}.values())
    common = set.intersection(*({row.run for row in rows if row.system == name} for name in names))
    lines = [f"## Medians over {len(common)} runs that all have", "", f"| figure | {' | '.join(names)} |"]
    lines.append("|---" * (len(names) + 1) + "|")
    for title, (field, digits) in _FIGURES.items():
        cells = []
        for name in names:
            some = [row for row in rows if row.system == name and row.run in common]
            values = [getattr(row, field) * (100 if "%" in title else 1) for row in some]
            numbered = [(row.index, value) for row, value in zip(some, values, strict=True)]
            found = judgement.over_networks(numbered, np.median)
            cells.append("without limit" if name == "ceiling" and "delay" in field else found.words(digits))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return [*lines, ""]


def _verdict(rows: Sequence[Row]) -> list[str]:
    lines: list[str] = []
    for theirs in ("chromium", "aiortc"):
        some = judgement.pairs(rows, theirs)
        if some:
            lines += _against(theirs, some)
            lines += _kinds(theirs, some)
    some = judgement.pairs(rows)
    return [*lines, *(_lost(some) if some else ["There are no runs of Chromium yet."])]


def _against(theirs: str, some: Sequence[Pair]) -> list[str]:
    def percent(holds: str) -> str:
        return judgement.share(some, lambda pair: bool(getattr(pair, holds))).words(0, 100)

    def middle(figure: Callable[[Pair], float]) -> str:
        return judgement.median(some, figure).words()

    harmed = sum(not pair.unharmed for pair in some)
    quality = f"PESQ at least theirs - {judgement.PESQ_SLACK}, PLCMOS at least theirs - {judgement.PLCMOS_SLACK}"
    delay = f"median at most {judgement.MEDIAN_SHARE} of theirs, p95 at most theirs"
    qualities = f"PESQ {middle(lambda pair: pair.pesq)}, PLCMOS {middle(lambda pair: pair.plcmos)}"
    delays = f"median {middle(lambda pair: pair.median)}, p95 {middle(lambda pair: pair.p95)}"
    return [
        f"## Against {theirs}: {len(some)} runs",
        "",
        f"- **won: {percent('won')} %**: quality and delay together",
        f"- quality: {percent('good')} % ({quality})",
        f"- delay: {percent('quick')} % ({delay})",
        f"- more than {judgement.DAMAGE_SHARE} times as much speech damaged: {harmed} runs",
        f"- median difference: {qualities}",
        f"- median share of their delay: {delays}",
        *_by_network(some),
        "",
    ]


def _by_network(some: Sequence[Pair]) -> list[str]:
    """Return the same verdict on networks, by the means of their runs. Single runs alone need no second one."""
    networks = judgement.networks(some)
    if len(networks) == len(some):
        return []

    def percent(holds: str) -> str:
        return judgement.share(networks, lambda pair: bool(getattr(pair, holds))).words(0, 100)

    head = f"by the means of each network's runs, {len(networks)} networks"
    harmed = sum(not pair.unharmed for pair in networks)
    shares = f"**won {percent('won')} %**, quality {percent('good')} %, delay {percent('quick')} %"
    return [f"- {head}: {shares}, more speech damaged as above: {harmed}"]


def _kinds(theirs: str, some: Sequence[Pair]) -> list[str]:
    columns = ("kind", "runs", "won", "good", "quick", "PESQ", "PLCMOS", f"delay ours / {theirs}", "p95", "worst 5 s")
    head = [*columns, "first 15 s", f"damaged % ours / {theirs}"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for kind in dict.fromkeys(pair.ours.kind for pair in sorted(some, key=lambda pair: pair.ours.index % 1000)):
        here = [pair for pair in some if pair.ours.kind == kind]

        def both(field: str, factor: float = 1.0, digits: int = 0, here: Sequence[Pair] = here) -> str:
            ours = statistics.fmean(getattr(pair.ours, field) * factor for pair in here)
            other = statistics.fmean(getattr(pair.theirs, field) * factor for pair in here)
            return f"{ours:.{digits}f} / {other:.{digits}f}"

        counted = (sum(bool(getattr(pair, holds)) for pair in here) for holds in ("won", "good", "quick"))
        cells = [
            kind,
            len(here),
            *counted,
            f"{statistics.fmean(pair.pesq for pair in here):+.2f}",
            f"{statistics.fmean(pair.plcmos for pair in here):+.2f}",
            *(both(f"delay_ms_{name}") for name in ("median", "p95", "worst", "start")),
            both("damaged", 100, 2),
        ]
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return [*lines, "", "Means over the runs of a kind.", ""]


def _lost(some: Sequence[Pair]) -> list[str]:
    """Return the runs lost by most. Of held-out seeds the kind alone is told, so that nobody tunes to them."""
    lost = sorted((pair for pair in some if not pair.won), key=lambda pair: min(pair.pesq, pair.plcmos))
    lines = ["## Lost by most", "", "| run | kind | PESQ | PLCMOS | delay | p95 | damaged % |", "|---" * 7 + "|"]
    for pair in lost[:_LOST_SHOWN]:
        ours, theirs = pair.ours, pair.theirs
        name = f"{ours.index}-{ours.loss_seed}" if ours.split == "tuning" else "-"
        lines.append(
            f"| {name} | {ours.kind} | {pair.pesq:+.2f} | {pair.plcmos:+.2f} | {ours.delay_ms_median:.0f} / "
            f"{theirs.delay_ms_median:.0f} | {ours.delay_ms_p95:.0f} / {theirs.delay_ms_p95:.0f} "
            f"| {ours.damaged * 100:.2f} / {theirs.damaged * 100:.2f} |"
        )
    return [*lines, ""]


def _names(rows: Iterable[Row]) -> list[str]:
    order = ("ours", "chromium", "aiortc", "ceiling")
    there = {row.system for row in rows}
    return [name for name in order if name in there]
