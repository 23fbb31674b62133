"""A worker that keeps ending, in real processes."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from common.basic.clock import boot_s
from common.bus import Bus
from common.files.paths import Paths
from common.messages import Message, Problem, WorkerHealth
from common.messages.wire import Received
from common.run.lives import Lives, LivesFile
from common.run.process import EXIT_RUNNING, EXIT_SETTINGS, only_one
from common.run.runner import EXIT_HUNG
from tests.support.processes import Process
from tests.support.waiting import PATIENCE_S, eventually

Starter = Callable[..., Process]
SUPERVISED = {"SUPERVISOR_ENABLED": "1"}


def kept(home: Path) -> Lives:
    return msgspec.json.decode((Paths(home).run / "naughty.lives").read_bytes(), type=Lives)


def has_ended_often(home: Path, short: int, why: str = "RuntimeError: on purpose") -> None:
    lives = Lives(short=short, times=short, began_s=boot_s(), why=why, running=True)
    (Paths(home).run / "naughty.lives").write_bytes(msgspec.json.encode(lives))


@contextlib.asynccontextmanager
async def listening(home: Path) -> AsyncIterator[Callable[[Callable[[Received], bool]], object]]:
    """Give a function that waits for a message of which a condition is true, and returns the message."""
    bus = Bus("cli", Paths(home).run)
    await bus.start()
    seen = bus.subscribe(WorkerHealth, Problem)

    async def until(wanted: Callable[[Received], bool]) -> Message | None:
        async with asyncio.timeout(PATIENCE_S):
            async for received in seen:
                if wanted(received):
                    return received.message
        raise AssertionError

    try:
        yield until
    finally:
        await bus.close()


def is_problem(code: str, *, gone: bool = False) -> Callable[[Received], bool]:
    return lambda got: got.cls is Problem and got.key == f"naughty.{code}" and (got.message is None) == gone


def is_health(state: str) -> Callable[[Received], bool]:
    return lambda got: isinstance(got.message, WorkerHealth) and got.key == "naughty" and got.message.state == state


@pytest.mark.parametrize(("how", "why"), [("fails", "on purpose"), ("cannot-be-made", "not even made")])
def test_each_end_is_counted_with_its_reason(home: Path, start: Starter, how: str, why: str) -> None:
    for short in range(2):
        assert start("tests.common.run.naughty", home, None, how).popen.wait(PATIENCE_S) == 1
        assert kept(home).short == short
        assert kept(home).why == f"RuntimeError: {why}"


async def test_who_keeps_ending_waits_says_so_and_goes_on_saying_it(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    has_ended_often(home, 4)
    async with listening(home) as until:
        process = start("tests.common.run.naughty", home, None, "behaves")
        problem = await until(is_problem("worker.ends"))
        assert "naughty keeps ending soon after its start, 5 times" in problem.message
        assert "The last time: RuntimeError: on purpose." in problem.message
        health = await until(is_health("starting"))
        assert "before it tries again" in health.detail
        assert '"running"' not in process.output
        await until(is_health("running"))
    assert process.stop() == 0
    assert not kept(home).running


async def test_a_stop_while_it_waits_is_obeyed_and_makes_the_next_start_a_first_one(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    has_ended_often(home, 20)
    async with listening(home) as until:
        process = start("tests.common.run.naughty", home, None, "behaves")
        await until(is_health("starting"))
    assert process.stop() == 0
    assert not kept(home).running
    again = start("tests.common.run.naughty", home, None, "behaves")
    eventually(lambda: '"running"' in again.output, "it runs at once")


async def test_settings_that_are_no_use_are_a_problem_until_they_are_mended(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    settings = home / "partyline.toml"
    settings.write_text("[audio]\nsink = 'tape'\n")
    has_ended_often(home, 20, "SettingsError: x")
    async with listening(home) as until:
        process = start("tests.common.run.naughty", home, SUPERVISED, "behaves")
        problem = await until(is_problem("worker.settings"))
        assert "naughty cannot start" in problem.message
        assert "audio.sink" in problem.message
        assert process.popen.poll() is None
        settings.write_text("")
        assert process.popen.wait(PATIENCE_S) == EXIT_SETTINGS  # long before the minute that it would wait
        has_ended_often(home, 0)
        start("tests.common.run.naughty", home, SUPERVISED, "behaves")
        await until(is_problem("worker.settings", gone=True))


def test_a_second_worker_under_supervisord_waits_for_the_first_to_end(home: Path, start: Starter) -> None:
    with only_one(Paths(home).run, "naughty") as alone:
        assert alone
        second = start("tests.common.run.naughty", home, SUPERVISED, "behaves")
        eventually(lambda: "already running" in second.output, "it says so")
        assert second.popen.poll() is None
    assert second.popen.wait(PATIENCE_S) == EXIT_RUNNING


def test_without_descriptors_a_worker_says_so_and_ends(home: Path, start: Starter) -> None:
    process = start("tests.common.run.naughty", home, None, "uses-up-descriptors")
    assert process.popen.wait(PATIENCE_S) == EXIT_HUNG
    assert "out of file descriptors" in process.output
    assert kept(home).why == "it ran out of file descriptors"


async def test_what_cannot_be_saved_is_one_problem_of_its_worker(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    async with listening(home) as until:
        process = start("tests.common.run.naughty", home, None, "cannot-save")
        problem = await until(is_problem("worker.disk"))
        assert "which party this is" in problem.message
        assert problem.remedy
        (home / "gone").mkdir()
        await until(is_problem("worker.disk", gone=True))
    assert (home / "gone" / "a.json").read_bytes() == b'{"format":1}'
    assert process.popen.poll() is None


def test_a_life_that_has_lasted_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lives = LivesFile(tmp_path, "media")
    lives.begin()
    assert not lives.has_lasted()
    monkeypatch.setattr("common.run.lives.boot_s", lambda: lives.now.began_s + 61.0)
    assert lives.has_lasted()


# --- the run folder --------------------------------------------------------------------------------


def test_a_loose_run_folder_is_closed(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    paths.make()
    for folder in (paths.run, paths.secrets):
        folder.chmod(0o777)
    paths.make()
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (paths.run, paths.secrets)] == [0o700, 0o700]


def test_a_run_folder_under_tmp_that_is_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths(tmp_path / ("d" * 120))
    planted = tmp_path / "planted"
    planted.mkdir()
    where = tmp_path / "link"
    where.symlink_to(planted)
    monkeypatch.setattr(Paths, "run", property(lambda _: where))
    with pytest.raises(PermissionError, match="is a link"):
        paths.make()
    assert list(planted.iterdir()) == []
