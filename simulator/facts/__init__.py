"""Table of the facts of Sony's protocol behind the simulator's behaviours, with grades and the relying code.

A fact that is [read] or [open] and decides whether a voice is heard has `ways`, the alternatives that the simulator
supports. The first way is the default, the likeliest by ../../notes/. `python -m simulator --facts` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Grade = Literal["seen", "one", "app", "read", "open"]
"""Grades of notes/: in a capture, one source, the app's own program, our reading of bytes, unknown.

The simulator's behaviour for an unknown fact is invented.
"""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Fact:
    name: str
    """Subject and matter, e.g. ``party.view-key``."""
    grade: Grade
    words: str
    """The simulator's behaviour that follows from it, in one sentence."""
    note: str
    """``<file of notes/>: <phrase>``. The phrase stands there in a bullet or table row of the same grade."""
    ways: tuple[str, ...] = ()
    """Alternatives that the simulator supports, the default first. Empty if there is only one."""


FACTS: dict[str, Fact] = {}
"""Every fact by name."""
RELYING: dict[str, list[str]] = {}
"""Name of a fact → the functions that rest on it, as ``module.function``."""


def fact(name: str, grade: Grade, words: str, note: str, ways: tuple[str, ...] = ()) -> Fact:
    """Declare a fact. Raises `ValueError` for a name in use."""
    if name in FACTS:
        raise ValueError(f"the fact {name!r} is declared twice")
    found = FACTS[name] = Fact(name, grade, words, note, ways)
    return found


def rests_on(*facts: Fact) -> Callable[[F], F]:
    """Declare the facts on which a function's behaviour rests."""

    def mark(function: F) -> F:
        for one in facts:
            RELYING.setdefault(one.name, []).append(f"{function.__module__}.{function.__qualname__}")
        return function

    return mark


def table() -> str:
    """Return every fact as text, one per paragraph: grade, name, ways, words, and the relying functions."""
    lines = []
    for one in sorted(FACTS.values(), key=lambda found: found.name):
        ways = f"  ({' | '.join(one.ways)})" if one.ways else ""
        lines.append(f"[{one.grade}]{'':{5 - len(one.grade)}} {one.name}{ways}")
        lines.append(f"        {one.words}")
        lines += [f"        in {place}" for place in RELYING.get(one.name, [])]
    return "\n".join(lines)
