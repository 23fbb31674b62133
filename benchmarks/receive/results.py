"""Results of a run for benchmarks/results, with date and machine, without paths and host names."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.receive.judge import report
from benchmarks.receive.machine import processor
from benchmarks.receive.play.live import Conditions, Plan
from benchmarks.receive.play.offline import library
from benchmarks.receive.rows import Row

FOLDER = Path(__file__).parent.parent / "results"
_COLOURS = {"ours": "tab:green", "chromium": "tab:blue", "aiortc": "tab:red"}


def circumstances(plan: Plan, conditions: Conditions) -> dict[str, str]:
    """Return the circumstances that a reader of the results needs."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "libopus": library().version,
        "Chromium": conditions.chromium,
        "rounds": f"{plan.rounds} of {plan.seconds:.0f} s, losses of seed {plan.seed}",
        "traces at a time": str(min(plan.batch, len(plan.names))),
        "sending late, p99 of the worst batch": f"{conditions.sender_late_p99_ms:.1f} ms",
        "our tick late, p99 of the worst batch": f"{conditions.tick_late_p99_ms:.1f} ms",
        "Chromium's clock against ours": f"within {conditions.clock_error_ms:.1f} ms",
    }


def write(
    rows: Sequence[Row],
    ceilings: Mapping[str, float],
    judged: Sequence[report.Verdict],
    told: Mapping[str, str],
    folder: Path = FOLDER,
) -> list[Path]:
    """Write ``receive-<date>.md``, ``.png`` and ``.json``, and return their paths."""
    folder.mkdir(exist_ok=True)
    stem = folder / f"receive-{told['date']}"
    middle = report.medians(rows)
    page, picture, figures = (stem.with_suffix(suffix) for suffix in (".md", ".png", ".json"))
    page.write_text(report.page(middle, judged, ceilings, told) + f"\n![delay and quality]({picture.name})\n")
    everything: dict[str, Any] = {
        "circumstances": dict(told),
        "ceilings": {name: round(value, 3) for name, value in ceilings.items()},
        "rows": [row.fields() for row in rows],
    }
    figures.write_text(json.dumps(everything, indent=1) + "\n")
    _draw(middle, ceilings, f"{told['date']}, {told['machine']}").savefig(picture, dpi=110)
    return [page, picture, figures]


def _draw(middle: Sequence[Row], ceilings: Mapping[str, float], title: str) -> Figure:
    """Return two bar charts, delay above and quality below, with a group per trace."""
    mpl.use("agg")
    figure = Figure(figsize=(13, 8), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    names, systems = list(ceilings), list(dict.fromkeys(row.system for row in middle))
    found = {(row.trace, row.system): row for row in middle}
    width = 0.8 / max(1, len(systems))
    for index, system in enumerate(systems):
        shown = [(at, found[name, system]) for at, name in enumerate(names) if (name, system) in found]
        places = [at - 0.4 + (index + 0.5) * width for at, _ in shown]
        colour = _COLOURS.get(system)
        above.bar(places, [row.delay_ms_median for _, row in shown], width, label=system, color=colour)
        above.plot(places, [row.delay_ms_p95 for _, row in shown], "k_", markersize=6)
        below.bar(places, [row.pesq_wb for _, row in shown], width, color=colour)
    below.hlines(
        list(ceilings.values()), [at - 0.45 for at in range(len(names))], [at + 0.45 for at in range(len(names))]
    )
    above.set_ylabel("RTP sent → frame out, ms\n(bar: median, mark: p95)")
    above.set_ylim(0, 300)
    below.set_ylabel("PESQ-WB\n(line: ceiling)")
    below.set_ylim(1, 4.6)
    below.set_xticks(range(len(names)), names, rotation=45, ha="right")
    above.legend()
    figure.suptitle(title)
    return figure
