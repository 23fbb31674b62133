"""What the commands say of workers that do not come up, of foreign supervisords, and of what the machine refuses."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from cli.pipeline import launch, status_view
from cli.pipeline.startup import MOST_FAILURES, FailedStarts, _gave_up
from cli.shared import connect
from cli.shared import supervisor as supervisors
from cli.shared.failures import CommandError
from cli.shared.output import Style
from cli.shared.supervisor import Process
from common.basic.clock import boot_s
from common.errors import SupervisorError
from common.files.paths import Paths
from common.requests import LeaveParty
from common.wire import Received
from tests.cli.pictures import NOW, health, picture, received
from tests.cli.test_command_line import failing, run  # noqa: F401  # a fixture

PLAIN = Style(on=False)


def process(state: str, started_at: float = NOW - 60, name: str = "media", **more: str) -> Process:
    return Process(name, state, 1, f"/log/{name}.log", started_at=started_at, **more)


def test_a_worker_that_runs_without_a_heartbeat_is_shown_so():
    (line,) = status_view.workers(picture(), NOW, NOW, PLAIN, [process("RUNNING")])[1:]
    assert "no answer" in line
    assert "/log/media.log" in line
    (line,) = status_view.workers(picture(), NOW, NOW, PLAIN, [process("RUNNING", NOW - 1)])[1:]
    assert "no answer" not in line
    (line,) = status_view.workers(picture(), NOW, NOW, PLAIN, [process("RUNNING", name="simulator")])[1:]
    assert "no answer" not in line


def test_who_fails_again_and_again_is_not_waited_for():
    failed = FailedStarts()
    for number in range(MOST_FAILURES):
        found = failed.given_up([process("BACKOFF", NOW + number)])
        assert failed.given_up([process("BACKOFF", NOW + number)]) == found  # one try is counted once
    assert [one.name for one in found] == ["media"]
    assert failed.given_up([process("RUNNING")]) == []


def test_supervisords_own_reason_or_the_logs_last_words_are_said(tmp_path):
    spawned = process("BACKOFF", spawn_error="can't find command '/somewhere/My'")
    assert "can't find command '/somewhere/My'" in _gave_up([spawned]).message
    log = tmp_path / "media.log"
    log.write_text("Traceback\nImportError: no module av\n")
    said = _gave_up([Process("media", "BACKOFF", 1, str(log))]).message
    assert said == "media does not start: ImportError: no module av."


class Foreign:
    """A supervisord that runs a shell and a shop."""

    def __init__(self, url: str) -> None:
        self.url = url

    def alive(self) -> bool:
        return True

    def processes(self) -> list[Process]:
        return [process("RUNNING", name="shell"), process("RUNNING", name="webshop")]


class Stopping(Foreign):
    def processes(self) -> list[Process]:
        raise SupervisorError("SHUTDOWN_STATE")


@pytest.mark.parametrize(("kind", "taken"), [(Foreign, False), (Stopping, True)])
def test_a_supervisord_without_our_broker_is_not_ours_whatever_was_noted(tmp_path, monkeypatch, kind, taken):
    paths = Paths(tmp_path)
    paths.make()
    paths.supervisor_file.write_text("unix:///other.sock")
    monkeypatch.setattr(supervisors, "Supervisor", kind)
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    assert (supervisors.find(paths) is not None) == taken


def test_a_relative_home_is_the_same_for_the_workers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTYLINE_HOME", "mine")
    assert launch.environment(Paths.of_environment())["PARTYLINE_HOME"] == str(tmp_path / "mine")
    monkeypatch.delenv("PARTYLINE_HOME")
    assert "PARTYLINE_HOME" not in launch.environment(Paths.of_environment())


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_what_the_machine_refuses_is_a_sentence_and_no_fault_to_report(failing, capsys, code):  # noqa: F811
    failing(OSError(code, os.strerror(code), "/home/x/run"))
    status, _, err = run(capsys, "leave")
    assert status == 1
    assert err.splitlines()[0] == f"/home/x/run: {os.strerror(code)}."
    assert "report" not in err


class Restarting:
    """A bus on which the worker that was asked is replaced, and the question is lost with it."""

    def __init__(self) -> None:
        self.looks = 0

    async def request(self, request: object, wait_s: float) -> object:
        await asyncio.sleep(wait_s)
        raise AssertionError

    async def snapshot(self, *_: object, **__: object) -> list[Received]:
        self.looks += 1
        return [received(health("session", boot=f"b{min(self.looks, 2)}", beat_s=boot_s()))]


async def test_a_question_that_was_lost_with_its_worker_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(connect, "ABSENT_S", 0.01)
    with pytest.raises(CommandError, match="was restarted before it answered"):
        await connect.ask(Restarting(), LeaveParty(), 60.0)


def test_a_worker_that_is_held_back_cannot_be_asked():
    held = picture(health("session", state="starting", detail="waits 9 s: x", beat_s=boot_s()))
    with pytest.raises(CommandError, match="session worker is not running"):
        connect.must_run(held, "session")
    connect.must_run(picture(health("session", state="starting", beat_s=boot_s())), "session")
