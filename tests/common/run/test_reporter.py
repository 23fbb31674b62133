"""A worker's problems on the bus: published without secrets, cleared once, and never those of another run's worker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from common.errors import BusUnreachableError
from common.log import logs
from common.messages import Message, Problem
from common.run.reporter import ProblemReporter


class Bus:
    """What a reporter does to the bus."""

    boot = "now"

    def __init__(self, retained: dict[str, str] | None = None) -> None:
        self.published: list[Problem] = []
        self.cleared: list[str] = []
        self._retained = retained

    def publish(self, message: Problem) -> None:
        self.published.append(message)

    def clear(self, cls: type[Message], key: str) -> None:
        self.cleared.append(key)

    async def snapshot(self, prefix: str, wait_s: float) -> list[Any]:
        if self._retained is None:
            raise BusUnreachableError("away", "Start it.")
        return [
            SimpleNamespace(key=key, header=SimpleNamespace(boot=boot))
            for key, boot in self._retained.items()
            if f"{Problem.TOPIC}/{key}".startswith(prefix)
        ]


def reporter(bus: Bus) -> ProblemReporter:
    return ProblemReporter("media", bus, structlog.get_logger("media"))  # type: ignore[arg-type]


def test_a_problem_is_published_without_secrets_and_cleared_once() -> None:
    bus = Bus()
    problems = reporter(bus)
    logs.remember("abcdefghijk")
    problems.publish("media.thing", "It broke: abcdefghijk", "Mend it.", severity="warning", reference_id="r-1")
    (problem,) = bus.published
    assert "abcdefghijk" not in problem.message
    assert (problem.worker, problem.severity, problem.reference_id) == ("media", "warning", "r-1")
    assert problems.is_open("media.thing")
    problems.clear("media.thing")
    problems.clear("media.thing")
    assert bus.cleared == ["media.media.thing"]
    assert problems.count("media.thing") == 1


def test_a_change_that_was_held_back_is_published_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, clock = Bus(), [100.0]
    monkeypatch.setattr("common.run.reporter.time.monotonic", lambda: clock[0])
    problems = reporter(bus)
    problems.publish("x", "It broke.", "Mend it.")
    problems.publish("x", "It broke.", "Mend it.", new_occurrence=True)
    problems.publish_due()
    assert [problem.count for problem in bus.published] == [1]
    clock[0] += 6.0
    problems.publish_due()
    assert [problem.count for problem in bus.published] == [1, 2]


async def test_only_this_workers_problems_of_an_earlier_run_are_cleared() -> None:
    bus = Bus({"media.old": "before", "media.new": "now", "media.again": "before", "audio.old": "before"})
    problems = reporter(bus)
    problems.publish("again", "It broke again.", "Mend it.")
    await problems.clear_of_earlier_run()
    assert bus.cleared == ["media.old"]


async def test_without_a_broker_nothing_is_left_of_an_earlier_run() -> None:
    bus = Bus()
    await reporter(bus).clear_of_earlier_run()
    assert bus.cleared == []
