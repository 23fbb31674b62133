"""Folders that a person can hold in mind."""

from __future__ import annotations

from tests.notes.collect import CHECKOUT
from tests.structure.code import INSTALLED

MOST = 14
"""Files and folders side by side, `__init__.py` not counted."""
MORE = {
    "integrations": "a folder for each program, beside what they share",
    "tests/cli": "a folder for each group of commands, beside the stand-ins that they share",
    "tests": "a folder for each kind of test, beside those that mirror the product",
    "tests/wire": "samples",
    "simulator/voices": "sounds",
    "benchmarks/results": "figures",
}
ROOTS = ("common", "workers", "simulator", "cli", "captures", "benchmarks", "integrations", "tests")


def test_no_folder_holds_more_than_a_person_can_hold_in_mind():
    crowded = {}
    for folder in {file.parent for root in ROOTS for file in (CHECKOUT / root).rglob("*.*") if file.suffix != ".pyc"}:
        if INSTALLED in folder.parts:
            continue
        inside = {one.name for one in folder.iterdir()} - {"__init__.py", "__pycache__", INSTALLED}
        name = str(folder.relative_to(CHECKOUT))
        if len(inside) > MOST and name not in MORE:
            crowded[name] = len(inside)
    assert crowded == {}
