"""`partyline up --service`, as launchd and systemd start it: an empty environment, no terminal, the folder /."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.machine.service.spec import environment, program
from cli.pipeline import leave_after_stop, unattended
from tests.cli.fakeworker import STAYS
from tests.cli.running import LIMIT_S, Home
from tests.support.waiting import eventually

Start = Callable[[], "Service"]
UP = "Every worker is running."


class Service:
    """One start by launchd, with its log."""

    def __init__(self, home: Home) -> None:
        home.paths.log.mkdir(parents=True, exist_ok=True)
        self.log = home.paths.log / "service.log"
        self._from = self.log.stat().st_size if self.log.exists() else 0
        variables = environment({"PARTYLINE_CONF": str(home.conf)}, home.paths.home, sys.executable, language="C.UTF-8")
        with self.log.open("ab") as out:
            self.popen = subprocess.Popen(
                program(sys.executable), env=variables, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    @property
    def output(self) -> str:
        return self.log.read_bytes()[self._from :].decode()

    def until(self, text: str) -> None:
        eventually(lambda: text in self.output or self.popen.poll() is not None, f"it says {text!r}", LIMIT_S)
        assert text in self.output

    def wait(self) -> int:
        return self.popen.wait(LIMIT_S)


@pytest.fixture
def start(home: Home) -> Iterator[Start]:
    started: list[Service] = []

    def one() -> Service:
        started.append(Service(home))
        return started[-1]

    yield one
    for service in started:
        service.popen.kill()
        service.popen.wait()


def test_it_runs_without_terminal_and_tells_nothing_of_the_party_until_it_is_stopped(home: Home, start: Start) -> None:
    service = start()
    service.until(UP)
    second = start()
    assert second.wait() == 0  # nobody starts it again then
    assert "The pipeline already runs" in second.output
    service.popen.send_signal(signal.SIGTERM)
    assert service.wait() == 0
    assert "Leaving the party and stopping the pipeline (SIGTERM)" in service.output
    assert "heard" not in service.output
    assert "\x1b" not in service.output
    assert (home.paths.home / "left").exists()
    assert home.supervisor() is None


def test_a_pipeline_whose_command_was_killed_is_waited_for_and_followed_by_the_next(home: Home, start: Start) -> None:
    first = start()
    first.until(UP)
    (home.paths.home / STAYS).touch()
    first.popen.kill()
    second = start()
    second.until("Waiting for its end.")
    (home.paths.home / STAYS).unlink()
    second.until(UP)
    assert (home.paths.home / "left").exists()
    assert home.run("down").code == 0  # somebody wants it to end: no failure, so it is not started again
    assert second.wait() == 0


def test_after_a_kill_of_everything_the_next_start_comes_up(home: Home, start: Start) -> None:
    first = start()
    first.until(UP)
    supervisor = home.supervisor()
    assert supervisor is not None
    supervisord = supervisor.pid()
    for pid in [first.popen.pid, supervisord, *children(supervisord)]:
        os.kill(pid, signal.SIGKILL)
    second = start()
    second.until(UP)
    second.popen.send_signal(signal.SIGTERM)
    assert second.wait() == 0


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def test_a_supervisord_that_is_killed_is_a_failure_so_that_it_is_started_again(home: Home, start: Start) -> None:
    service = start()
    service.until(UP)
    supervisor = home.supervisor()
    assert supervisor is not None
    os.kill(supervisor.pid(), signal.SIGKILL)
    assert service.wait() == 1


@pytest.mark.parametrize("fault", ["settings", "conf", "home"])
def test_what_only_a_person_can_mend_has_an_exit_code_of_its_own(home: Home, start: Start, fault: str) -> None:
    home.paths.make()
    if fault == "settings":
        home.paths.settings_file.write_text("[audio]\nsink = 7\n")
    elif fault == "conf":
        home.conf.unlink()
    else:
        home.paths.state.rmdir()
        home.paths.state.write_text("")  # no folder, whoever one is
    service = start()
    assert service.wait() == 78
    assert len(service.output.splitlines()) == 2  # what happened, and what to do


def test_a_long_log_keeps_its_end_and_a_file_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    log, other = tmp_path / "service.log", tmp_path / "other"
    lines = b"".join(b"line %d\n" % number for number in range(200_000))
    for file in (log, other):
        file.write_bytes(lines)
    with log.open("ab") as out, other.open("ab") as elsewhere:
        unattended.shorten(log, elsewhere.fileno())
        unattended.shorten(log, out.fileno())
        out.write(b"and on\n")
    assert other.read_bytes() == lines
    kept = log.read_bytes()
    assert kept.startswith(b"line ")
    assert kept.endswith(b"line 199999\nand on\n")
    assert len(kept) <= unattended.LOG_KEPT_BYTES + 10


def test_a_short_log_and_a_pipe_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_bytes(b"short\n")
    with log.open("ab") as out:
        unattended.shorten(log, out.fileno())
    reader, writer = os.pipe()
    unattended.shorten(log, writer)
    os.close(reader)
    os.close(writer)
    assert log.read_bytes() == b"short\n"


async def test_a_party_that_was_not_left_is_left_only_if_there_is_time(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    limits: list[float] = []
    monkeypatch.setattr(leave_after_stop, "leave", lambda _, limit_s: limits.append(limit_s) or ["Left."])
    await unattended._leave(home.paths, 50.0)
    assert limits == []  # no party, no leave
    monkeypatch.setattr(leave_after_stop, "is_there", lambda _: True)
    await unattended._leave(home.paths, 50.0)
    assert limits == [50.0 - 2 * leave_after_stop.END_S]
    await unattended._leave(home.paths, 20.0)
    assert len(limits) == 1
    assert "no time is left" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is played by Linux' /dev/full")
def test_a_log_on_a_full_disk_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115  # its close fails too
    monkeypatch.setattr(sys, "stdout", full)
    unattended._say("said to nobody")
    monkeypatch.undo()
    with contextlib.suppress(OSError):
        full.close()
