"""The simulator says of each behaviour on which fact it rests, and notes/ say the same of that fact."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

import simulator.app  # noqa: F401  # whatever serves declares its facts
from common.psn.unknowns import UNKNOWNS
from simulator.facts import FACTS, RELYING, declared, table
from simulator.facts.ways import BadWay, Ways
from tests.notes.collect import CHECKOUT, NOTES

REFUSING = re.compile(
    r"\b(raise (Refused|OAuthRefused|bad_request|not_a_member|too_many|no_push_channel|not_of_age)\b)"
)
NOT_SONYS = (
    "simulator/hosts/control", "simulator/hosts/pictures", "simulator/hosts/socketio", "simulator/consoles/cast",
)  # fmt: skip
"""The control API with what it does to consoles, the pictures and the relay of one's own are no part of Sony's side."""


def entries(note: str) -> list[str]:
    """Return every bullet and table row of a note, each on one line."""
    found: list[str] = []
    for line in (NOTES / note).read_text().splitlines():
        if line.startswith(("- ", "| ")):
            found.append(line)
        elif line.startswith("  ") and found:
            found[-1] += " " + line.strip()
    return [" ".join(entry.split()) for entry in found]


def test_every_subject_is_declared():
    """A file of facts that nobody imports would be missing from every table."""
    subjects = {file.stem for file in CHECKOUT.glob("simulator/facts/*.py")} - {"__init__", "declared", "ways"}
    assert {name for name in declared.__all__ if name != "FACTS"} == subjects


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_stands_in_the_notes_with_the_same_grade(name):
    note, _, phrase = FACTS[name].note.partition(": ")
    found = [entry for entry in entries(note) if phrase in entry]
    assert found, f"{phrase!r} stands in no bullet or row of notes/{note}"
    assert any(f"[{FACTS[name].grade}]" in entry for entry in found), f"{found} is not graded [{FACTS[name].grade}]"


@pytest.mark.parametrize("name", sorted(FACTS))
def test_something_rests_on_each_fact(name):
    assert RELYING.get(name), f"nothing in simulator/ rests on {name}"
    assert len(FACTS[name].ways) != 1


def refusing_functions() -> dict[str, str]:
    """Return module.function → file of every function of the simulated servers that refuses something."""
    found = {}
    for file in (CHECKOUT / "simulator").rglob("*.py"):
        name = str(file.relative_to(CHECKOUT))
        if name.startswith(NOT_SONYS):
            continue
        module = ".".join(file.relative_to(CHECKOUT).with_suffix("").parts)
        for qualified, node in functions(ast.parse(file.read_text())):
            if REFUSING.search(ast.unparse(node)):
                found[f"{module}.{qualified}"] = name
    return found


def functions(tree: ast.AST, above: str = "") -> list[tuple[str, ast.AST]]:
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            found += functions(node, f"{above}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((f"{above}{node.name}", node))
    return found


def test_every_refusal_names_the_fact_that_it_rests_on():
    marked = {place for places in RELYING.values() for place in places}
    refusing = refusing_functions()
    assert len(refusing) > 20, "the collector finds the refusals no longer"
    assert sorted(set(refusing) - marked) == []


def test_the_table_is_printed_with_grades_ways_and_places():
    run = subprocess.run(
        [sys.executable, "-m", "simulator", "--facts"], capture_output=True, text=True, cwd=CHECKOUT, check=True
    )
    assert run.stdout.endswith(f"{table()}\n")
    for name, one in FACTS.items():
        assert re.search(rf"\[{one.grade}\] +{re.escape(name)}\b", run.stdout)


def test_what_the_client_tries_the_simulator_can_do_each_way():
    for unknown in UNKNOWNS:
        assert unknown.name in FACTS, f"no fact {unknown.name}"
        assert set(unknown.values) == set(FACTS[unknown.name].ways), unknown.name
        assert unknown.values[0] == FACTS[unknown.name].ways[0], unknown.name


def test_a_way_that_is_none_is_refused_in_words():
    with pytest.raises(BadWay, match=r"falls one of 1/1/1, 2/1/1, not '3/1/1'"):
        Ways({"frame.line": "3/1/1"})
    with pytest.raises(BadWay, match="no undecided fact"):
        Ways({"frame.channel": "x"})


def test_a_draw_is_the_same_for_the_same_seed_and_draws_everything():
    first, second = Ways(), Ways()
    first.draw(1)
    second.draw(1)
    assert first.all() == second.all()
    drawn = []
    for seed in range(60):
        ways = Ways()
        ways.draw(seed)
        drawn.append(ways.all())
    for name, one in FACTS.items():
        assert {draw[name] for draw in drawn if name in draw} == set(one.ways)
