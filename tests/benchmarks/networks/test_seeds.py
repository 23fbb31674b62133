"""Seeds for tuning and seeds for the verdict never meet, and only the verdict's command reads the second ones."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from benchmarks.receive.networks import seeds
from benchmarks.receive.networks.seeds import tuning
from benchmarks.receive.networks.verdict.held_out import held_out

ROOT = Path(__file__).parents[3]
VERDICT = {"benchmarks/receive/networks/verdict/__main__.py", "tests/benchmarks/networks/test_seeds.py"}
DERIVING = {"benchmarks/receive/networks/verdict/held_out.py", *VERDICT}
ROOTS = ("benchmarks", "workers", "common", "cli", "simulator", "captures", "integrations", "tests", "scripts")


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "networks.verdict.held" in node.value:
            names.add(node.value)
    return names


@functools.cache
def _users() -> dict[str, set[str]]:
    """Return what each file imports, of the files that name this benchmark."""
    paths = (path for root in ROOTS for path in (ROOT / root).rglob("*.py") if "node_modules" not in path.parts)
    return {str(path.relative_to(ROOT)): _imports(path) for path in paths if b"networks" in path.read_bytes()}


def _importers(module: str) -> set[str]:
    return {name for name, imported in _users().items() if any(found.startswith(module) for found in imported)}


def test_the_two_kinds_of_seeds_never_meet() -> None:
    first = {tuning(index).value for index in range(20_000)}
    second = {held_out(index).value for index in range(20_000)}
    assert len(first) == len(second) == 20_000
    assert not first & second
    assert tuning(7).split == "tuning" and held_out(7).split == "held-out"


def test_only_the_verdict_reads_the_held_out_seeds() -> None:
    assert _importers("benchmarks.receive.networks.verdict.held_out") == VERDICT


def test_nothing_else_derives_seeds_from_a_constant() -> None:
    assert _importers("benchmarks.receive.networks.seeds.derived") <= DERIVING
    assert seeds.derived("a", 1) != seeds.derived("b", 1)


def test_nobody_runs_the_verdict_from_within() -> None:
    assert _importers("benchmarks.receive.networks.verdict.__main__") == set()
