"""Distributions of ours against Chromium over all runs."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.receive.networks.verdict import judgement
from benchmarks.receive.networks.verdict.judgement import Pair


def draw(some: Sequence[Pair], title: str) -> Figure:
    """Return four plots: delay against quality of each run, and what share of the runs is below each difference."""
    mpl.use("agg")
    figure = Figure(figsize=(12, 9), layout="constrained")
    (runs, pesq), (plcmos, damage) = figure.subplots(2, 2)
    for won, colour in ((True, "tab:green"), (False, "tab:red")):
        here = [pair for pair in some if pair.won == won]
        runs.plot(
            [pair.median for pair in here],
            [pair.plcmos for pair in here],
            ".",
            color=colour,
            label="won" if won else "not won",
        )
    runs.axvline(judgement.MEDIAN_SHARE, color="tab:gray", linewidth=0.8)
    runs.axhline(-judgement.PLCMOS_SLACK, color="tab:gray", linewidth=0.8)
    runs.set_xlabel("our median delay as a share of Chromium's")
    runs.set_ylabel("PLCMOS, ours minus Chromium's")
    runs.set_xscale("log")
    runs.legend()
    shown = (
        (pesq, "PESQ-WB", [pair.pesq for pair in some], -judgement.PESQ_SLACK),
        (plcmos, "PLCMOS", [pair.plcmos for pair in some], -judgement.PLCMOS_SLACK),
        (damage, "speech damaged, %", [100 * (pair.ours.damaged - pair.theirs.damaged) for pair in some], 0.0),
    )
    for axes, name, values, bound in shown:
        ordered = np.sort([value for value in values if not np.isnan(value)])
        axes.step(ordered, np.arange(1, len(ordered) + 1) / max(1, len(ordered)), where="post")
        axes.axvline(bound, color="tab:gray", linewidth=0.8)
        axes.set_xlabel(f"{name}, ours minus Chromium's")
        axes.set_ylabel("share of runs at or below")
    figure.suptitle(f"{title}: {len(some)} runs")
    return figure
