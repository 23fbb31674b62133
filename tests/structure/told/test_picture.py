"""The drawing of who imports whom in notes/architecture.md is what the code does."""

from __future__ import annotations

import re

from tests.structure.code import CHECKOUT, WORKERS, files, imports, part_of

DRAWN = re.search(r"```mermaid\n(flowchart .*?)```", (CHECKOUT / "notes/architecture.md").read_text(), re.DOTALL)[1]


def package(module: str) -> str:
    """Return the box of a module: a worker's name, ``common.psn``, or its folder. workers/ itself is none."""
    return "common.psn" if f"{module}.".startswith("common.psn.") else part_of(module)


def drawn() -> set[tuple[str, str]]:
    """Return (who, whom) for each arrow; ``a & b --> c & d`` are four."""
    lines = [line.split("-->") for line in DRAWN.splitlines() if "-->" in line]
    return {(a.strip(), b.strip()) for who, whom in lines for a in who.split("&") for b in whom.split("&")}


def made() -> dict[tuple[str, str], list[str]]:
    """Return (who, whom) → modules of who that import whom."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in files():
        for other in imports(module):
            arrow = package(module), package(other)
            if arrow[0] != arrow[1]:
                found.setdefault(arrow, []).append(module)
    return found


def test_every_import_between_packages_is_drawn() -> None:
    assert {arrow: modules for arrow, modules in made().items() if arrow not in drawn()} == {}


def test_every_arrow_is_an_import() -> None:
    assert drawn() - set(made()) == set()


def test_every_worker_is_drawn_and_none_imports_another() -> None:
    inside = re.search(r"subgraph workers\n(.*?)\n\s*end", DRAWN, re.DOTALL)[1]
    assert {name.strip() for name in inside.split(";")} == WORKERS
    assert [arrow for arrow in made() if set(arrow) <= WORKERS] == []


def test_common_imports_nothing_above_it() -> None:
    assert {whom for who, whom in made() if who in ("common", "common.psn")} <= {"common", "common.psn"}


def test_the_boxes_of_processes_name_every_worker() -> None:
    """The other drawing, of processes and what travels between them."""
    boxes = (CHECKOUT / "notes/architecture.md").read_text().split("```")[1]
    assert [name for name in sorted(WORKERS) if name not in boxes] == []
