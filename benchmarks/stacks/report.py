"""The table of all cells, kept as JSON and written as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.stacks.conditions import CONDITIONS
from benchmarks.stacks.judge import Cell
from benchmarks.stacks.stacks import STACKS

RESULTS = Path(__file__).parents[1] / "results"


def save(name: str, cells: Sequence[Cell]) -> None:
    """Write the cells to NAME.json and NAME.md, in place of those of the same stack and condition."""
    path = RESULTS / f"{name}.json"
    rows = json.loads(path.read_text()) if path.exists() else []
    rows = merged(rows, [cell.row() for cell in cells])
    path.write_text(json.dumps(rows, indent=1) + "\n")
    (RESULTS / f"{name}.md").write_text(page(rows, datetime.now(UTC).date().isoformat()))


def done(name: str) -> set[tuple[str, str]]:
    """Return (condition, stack) of the cells that NAME has and that are no defects."""
    path = RESULTS / f"{name}.json"
    rows = json.loads(path.read_text()) if path.exists() else []
    return {(row["condition"], row["stack"]) for row in rows if row["verdict"] != "defect"}


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return all rows in the table's order; a new one replaces the old one of its cell."""
    rows = {(row["condition"], row["stack"]): row for row in [*old, *new]}
    conditions, stacks = [one.name for one in CONDITIONS], [one.name for one in STACKS]
    known = [key for key in rows if key[0] in conditions and key[1] in stacks]
    return [rows[key] for key in sorted(known, key=lambda key: (conditions.index(key[0]), stacks.index(key[1])))]


def page(rows: list[dict[str, Any]], day: str) -> str:
    """Return the Markdown page of these rows."""
    stacks = [stack.name for stack in STACKS if any(row["stack"] == stack.name for row in rows)]
    by_cell = {(row["condition"], row["stack"]): row for row in rows}
    notes: list[str] = []
    lines = [f"| condition | {' | '.join(stacks)} |", f"|---|{'---|' * len(stacks)}"]
    for condition in dict.fromkeys(row["condition"] for row in rows):
        cells = [_cell(by_cell.get((condition, stack)), notes) for stack in stacks]
        lines.append(f"| {condition} | {' | '.join(cells)} |")
    told = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in ("heard", "explained", "cannot")}
    counts["defect"] = sum(row["verdict"] == "defect" for row in rows)
    summary = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    head = f"# Consoles on other WebRTC stacks, {day}\n\n`python -m benchmarks.stacks --save …`: {summary}. "
    head += (
        "Seconds from the first description to the connection / to the voice; two shared cores, up to five consoles\n"
    )
    head += "at once.\n"
    return "\n".join([head, *lines, "", *told, ""])


def _cell(row: dict[str, Any] | None, notes: list[str]) -> str:
    if row is None:
        return "not run"
    if row["verdict"] == "heard":
        return str(row["words"])
    words = re.sub(r"\s+", " ", f"{row['verdict']}: {row['words']}").replace("|", "/")
    if words not in notes:
        notes.append(words)
    return f"{'**defect**' if row['verdict'] == 'defect' else row['verdict']} ({notes.index(words) + 1})"
