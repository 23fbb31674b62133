from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from common.bus import Bus
from common.files.paths import Paths
from common.messages import Problem, WorkerHealth
from common.run.process import EXIT_RUNNING, EXIT_SETTINGS
from common.run.runner import EXIT_HUNG
from tests.support.processes import Process
from tests.support.waiting import PATIENCE_S, eventually

Starter = Callable[..., Process]


def naughty(start: Starter, home: Path, how: str) -> Process:
    process = start("tests.common.run.naughty", home, None, how)
    eventually(lambda: '"running"' in process.output or process.popen.poll() is not None, "it runs")
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_ends_with_0(home: Path, start: Starter, number: int) -> None:
    process = naughty(start, home, "behaves")
    process.popen.send_signal(number)
    assert process.popen.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("how", ["fails", "task-fails"])
def test_a_worker_that_fails_says_where_and_ends_with_1(home: Path, start: Starter, how: str) -> None:
    process = naughty(start, home, how)
    assert process.popen.wait(PATIENCE_S) == 1
    assert "RuntimeError: on purpose" in process.output


def test_a_hung_worker_is_dumped_and_ended(home: Path, start: Starter) -> None:
    process = naughty(start, home, "hangs")
    assert process.popen.wait(PATIENCE_S) == EXIT_HUNG
    assert "hung: stack follows" in process.output
    assert "naughty.py" in process.output


@pytest.mark.parametrize(("how", "code"), [("stop-hangs", 0), ("stop-fails", 0), ("stop-blocks", EXIT_HUNG)])
def test_a_stop_that_goes_wrong_still_ends_within_its_time(home: Path, start: Starter, how: str, code: int) -> None:
    process = naughty(start, home, how)
    asked = time.monotonic()
    assert process.stop(PATIENCE_S) == code
    assert time.monotonic() - asked < 10  # 5 s, and room for a busy machine


def test_a_second_worker_of_the_same_name_and_home_does_not_start(home: Path, start: Starter) -> None:
    naughty(start, home, "behaves")
    second = start("tests.common.run.naughty", home, None, "behaves")
    assert second.popen.wait(PATIENCE_S) == EXIT_RUNNING
    assert "already running" in second.output


def test_wrong_settings_end_the_worker_with_a_sentence(home: Path, start: Starter) -> None:
    (home / "partyline.toml").write_text("[audio]\nsink = 'tape'\n")
    process = start("tests.common.run.naughty", home, None, "behaves")
    assert process.popen.wait(PATIENCE_S) == EXIT_SETTINGS
    assert "audio.sink" in process.output
    assert "Traceback" not in process.output


async def test_health_and_problems_are_on_the_bus_without_secrets(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    process = start("tests.common.run.naughty", home, None, "problem")
    bus = Bus("cli", Paths(home).run)
    await bus.start()
    seen = bus.subscribe(WorkerHealth, Problem)
    health = problem = None
    async with asyncio.timeout(PATIENCE_S):
        while health is None or problem is None:
            got = await anext(seen)
            if isinstance(got.message, Problem):
                problem = got.message
            elif got.key == "naughty" and isinstance(got.message, WorkerHealth):
                health = got.message
    assert health.pid == process.popen.pid
    assert health.rss_bytes > 1_000_000
    assert "abcdefghijk" not in problem.message
    assert "abcdefghijk" not in process.output
    await bus.close()


async def test_the_problems_of_a_killed_run_are_forgotten_by_the_next(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    bus = Bus("cli", Paths(home).run)
    await bus.start()
    seen = bus.subscribe(Problem)
    process = start("tests.common.run.naughty", home, None, "problem")
    async with asyncio.timeout(PATIENCE_S):
        assert (await anext(seen)).key == "naughty.naughty.thing"
        process.kill()
        start("tests.common.run.naughty", home, None, "behaves")
        gone = await anext(seen)
    assert (gone.key, gone.message) == ("naughty.naughty.thing", None)
    await bus.close()
