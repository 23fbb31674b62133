"""The assertion against idle sleep, with a stand-in for caffeinate on PATH."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.system import awake
from common.system.awake import PAUSE_S, Awake
from tests.support.mac.caffeinate import ENDS, Caffeinate
from tests.support.waiting import eventually


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caffeinate:
    return Caffeinate(tmp_path, monkeypatch)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_held_once_while_wanted_and_released_afterwards(program: Caffeinate) -> None:
    one = Awake()
    assert one.facts() == {}
    for _ in range(3):
        one.want(True)
        one.beat()
    eventually(lambda: program.calls, "it is started")
    (call,) = program.calls
    pid, *words = call.split()
    assert words == ["-i", "-w", str(os.getpid())]
    assert one.facts() == {"awake": f"held (caffeinate, process {pid})"}
    one.want(False)
    assert one.facts() == {}

    eventually(lambda: program.has_ended(one), "it has ended")
    assert not is_there(int(pid))
    assert len(program.calls) == 1


def test_one_that_ends_at_once_is_not_started_again_and_again(program: Caffeinate) -> None:
    program.become(ENDS)
    now = 0.0
    one = Awake(clock=lambda: now)
    one.want(True)

    def has_noticed() -> bool:
        one.beat()
        return one.facts() == {"awake": "not held: caffeinate ended by itself (3)"}

    eventually(has_noticed, "it is noticed")
    now = PAUSE_S - 1
    one.beat()
    assert len(program.calls) == 1
    now = 2 * PAUSE_S
    one.beat()
    eventually(lambda: len(program.calls) == 2, "it is tried once more")
    one.want(False)
    eventually(lambda: program.has_ended(one), "it has ended")


def test_the_next_party_tries_at_once(program: Caffeinate) -> None:
    program.become(ENDS)
    one = Awake(clock=lambda: 0.0)
    for number in (1, 2):
        one.want(True)
        eventually(lambda n=number: len(program.calls) == n, "it is started")
        one.want(False)
        eventually(lambda: program.has_ended(one), "it has ended")


def test_a_missing_program_is_said_and_harms_nothing(program: Caffeinate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.folder / "nothing"))
    one = Awake()
    one.want(True)
    assert one.facts() == {"awake": "not held: caffeinate does not start (No such file or directory)"}
    one.want(False)
    assert one.facts() == {}


def test_it_ends_with_a_killed_worker(program: Caffeinate) -> None:
    script = "import time; from common.system import awake; awake.PLATFORM = 'darwin'\n"
    script += "one = awake.Awake(); one.want(True); time.sleep(60)"
    worker = subprocess.Popen([sys.executable, "-c", script])
    eventually(lambda: program.calls, "it is held")
    pid = int(program.calls[0].split()[0])
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    eventually(lambda: not is_there(pid) or is_zombie(pid), "it has ended")


def is_zombie(pid: int) -> bool:
    """Return whether only init has yet to reap it (a container's may never do)."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.startswith("Z")


@pytest.mark.parametrize(("platform", "enabled"), [("linux", True), ("darwin", False)])
def test_elsewhere_and_switched_off_it_does_nothing(
    program: Caffeinate, monkeypatch: pytest.MonkeyPatch, platform: str, enabled: bool
) -> None:
    monkeypatch.setattr(awake, "PLATFORM", platform)
    one = Awake(enabled=enabled)
    one.want(True)
    one.release()
    assert one.facts() == {}
    assert program.calls == []
