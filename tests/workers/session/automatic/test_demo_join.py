from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.psn.errors import NoSimulatorError, UnreachableError
from tests.workers.session.automatic.rig import Joins, Problems
from workers.session.automatic import demo_join
from workers.session.automatic.demo_join import DemoJoin
from workers.session.memory import PartyMemory, PartyMemoryFile


class Simulator:
    """The simulator's file: there from the `after`-th time on that it is read."""

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self.read = 0

    def forget(self) -> None: ...

    def current(self) -> SimpleNamespace:
        self.read += 1
        if self.read <= self.after:
            raise NoSimulatorError
        return SimpleNamespace(simulator=SimpleNamespace(party_link="link"))


async def run(
    home: Path, joins: Joins, simulator: Simulator, memory: PartyMemory, *, follows: bool = False
) -> Problems:
    """Run it until it has joined, or for a hundred looks."""
    file, problems, push_open = PartyMemoryFile(home / "m.json", "here"), Problems(), asyncio.Event()
    file.keep(memory)
    push_open.set()
    made = DemoJoin(simulator, file, SimpleNamespace(follows=follows), push_open)  # type: ignore[arg-type]
    task = asyncio.create_task(made.run(joins, problems))  # type: ignore[arg-type]
    for _ in range(100):
        made.wake()
        await asyncio.sleep(0)
        if joins.joined.is_set():
            break
    task.cancel()
    return problems


async def test_the_demo_party_is_joined_as_soon_as_there_is_a_simulator(home: Path) -> None:
    joins = Joins(None)
    problems = await run(home, joins, Simulator(after=3), PartyMemory())
    assert (joins.targets, problems.failures) == (["link"], [])


@pytest.mark.parametrize(
    ("memory", "follows"),
    [
        (PartyMemory(phase="joined", session_id="s"), False),
        (PartyMemory(left_under=os.getppid()), False),
        (PartyMemory(), True),
    ],
)
async def test_it_is_not_joined_against_what_the_user_asked_for(home: Path, memory: PartyMemory, follows: bool) -> None:
    joins = Joins(None)
    await run(home, joins, Simulator(), memory, follows=follows)
    assert joins.targets == []


async def test_a_failure_is_a_problem_and_is_retried(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_join, "LONGEST_BACKOFF_S", 0.0)
    error = UnreachableError("no answer")
    joins = Joins(error, None)
    problems = await run(home, joins, Simulator(), PartyMemory())
    assert (len(joins.targets), problems.failures) == (2, [error])
