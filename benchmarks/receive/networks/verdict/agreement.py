"""Whether simulated time gives what real sockets and clocks give: the same runs, both ways. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.verdict import judgement

TICK_MS = 10.0
"""A frame is handed out at a tick. The phase of the ticks against the packets is another in each clock."""
ALIKE = {"delay_ms_median": TICK_MS, "delay_ms_p95": 2 * TICK_MS, "pesq_wb": 0.05, "plcmos": 0.05, "damaged": 0.003}
"""Median differences below this count as none. A repeat on real clocks differs by 0.06 PESQ (`benchmarks.receive`)."""


def lines(rows: Sequence[Row]) -> list[str]:
    """Return a table of real minus simulated for each system that has both, or nothing."""
    found = {(row.run, row.system, row.clock): row for row in rows}
    told = []
    for system in ("ours", "aiortc"):
        both = [
            (row, found[row.run, system, "simulated"])
            for row in rows
            if row.system == system and row.clock == "real" and (row.run, system, "simulated") in found
        ]
        if not both:
            continue
        cells = []
        for field, bound in ALIKE.items():
            differences = [(real.index, getattr(real, field) - getattr(made, field)) for real, made in both]
            middle = judgement.over_networks(differences, np.median)
            inside = float(np.mean([abs(value) <= bound for _, value in differences if not np.isnan(value)]))
            same = "alike" if abs(middle.value) <= bound else "**not alike**"
            digits = 1 if bound >= 1 else 3
            cells.append(f"{middle.words(digits)}, {inside:.0%} within {bound:g}, {same}")
        told.append(f"| {system} | {len(both)} | {' | '.join(cells)} |")
    if not told:
        return []
    head = ["system", "runs", *ALIKE]
    return ["## Real minus simulated time", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|", *told, ""]
