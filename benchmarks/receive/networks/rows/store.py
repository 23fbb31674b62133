"""Rows on the disk, one line each. A run that was interrupted goes on with what is missing."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.receive.networks.rows.row import Row, from_json

FOLDER = Path("var/networks")
"""Not part of the checkout. What is published stands in benchmarks/results."""
_ROOT = Path(__file__).parents[4]


@dataclass(frozen=True)
class RowStore:
    path: Path

    def rows(self) -> list[Row]:
        """Return the last row of each run, system and clock, of whatever version."""
        if not self.path.exists():
            return []
        found: dict[tuple[object, ...], Row] = {}
        for line in self.path.read_text().splitlines():
            row = from_json(json.loads(line))
            found[row.split, row.run, row.system, row.clock] = row
        return list(found.values())

    def add(self, rows: Iterable[Row]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.writelines(json.dumps(row.as_json()) + "\n" for row in rows)

    def has(self) -> set[tuple[tuple[int, int], str, str, str]]:
        """Return (run, system, clock, version) of all that is there."""
        return {(row.run, row.system, row.clock, row.version) for row in self.rows()}


def store(split: str, seconds: float, folder: Path = FOLDER) -> RowStore:
    return RowStore(folder / f"{split}-{seconds:.0f}s.jsonl")


def version(system: str) -> str:
    """Return what a row depends on: what was drawn, the judges where they are ours, and the system itself."""
    if system == "chromium":
        return _hash(*(f"benchmarks/receive/networks/{part}" for part in ("draw", "speak")))
    judges = _hash(*(f"benchmarks/receive/networks/{part}" for part in ("draw", "speak", "judge", "play/simulated.py")))
    if system == "aiortc":
        return f"{importlib.metadata.version('aiortc')} {judges}"
    if system.split(maxsplit=1)[0] == "ours":
        return f"{_hash('workers/media/receive', 'common/basic', 'common/bus/voice')} {judges}"
    return judges


def current(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that today's generator, judges and systems would make. Chromium's version is its own and more."""
    versions: dict[str, str] = {}
    kept = []
    for row in rows:
        wanted = versions.setdefault(row.system, version(row.system))
        if row.version == wanted or (row.system == "chromium" and row.version.endswith(f" {wanted}")):
            kept.append(row)
    return kept


def _hash(*folders: str) -> str:
    summed = hashlib.sha256()
    for folder in folders:
        place = _ROOT / folder
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            summed.update(_code(path).encode())
    return summed.hexdigest()[:10]


def _code(path: Path) -> str:
    """Return what a file does, without comments, layout, docstrings and other words for people."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            node.value = ""
    return ast.dump(tree)
