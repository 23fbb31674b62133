"""launchd's property list and the words of `launchctl print`, as macOS 14 and 15 print them."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from cli.machine.service import launchd
from cli.machine.service.manager import LastEnd
from cli.machine.service.spec import Spec

SPEC = Spec(
    name="de.partyline",
    program=("/Users/ann/My Projects & Söhne 100%/.venv/bin/python", "-P", "-m", "cli", "up", "--foreground"),
    environment={"LANG": "de_DE.UTF-8", "PARTYLINE_HOME": "/Users/ann/pl", "PATH": "/usr/bin:/bin"},
    home=Path("/Users/ann/pl"),
    log=Path("/Users/ann/pl/log/service.log"),
)

RUNNING = """\
gui/501/de.partyline = {
	active count = 1
	path = /Users/ann/Library/LaunchAgents/de.partyline.plist
	type = LaunchAgent
	state = running

	program = /Users/ann/pl/.venv/bin/python
	arguments = {
		/Users/ann/pl/.venv/bin/python
	}

	working directory = /Users/ann/pl

	stdout path = /Users/ann/pl/log/service.log
	environment = {
		LANG => de_DE.UTF-8
		pid = 1
	}

	domain = gui/501 [100005]
	asid = 100005
	minimum runtime = 30
	exit timeout = 60
	runs = 3
	pid = 4242
	immediate reason = inefficient
	forks = 12
	last terminating signal = Killed: 9

	spawn type = interactive (4)
	properties = keepalive | runatload | inferred program
}
"""


def test_every_key_is_as_a_service_with_a_tick_of_10_ms_needs_it() -> None:
    found = plistlib.loads(launchd.render(SPEC))
    assert found == {
        "Label": "de.partyline",
        "ProgramArguments": list(SPEC.program),
        "WorkingDirectory": "/Users/ann/pl",
        "EnvironmentVariables": dict(SPEC.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ProcessType": "Interactive",
        "LegacyTimers": True,
        "ExitTimeOut": 60,
        "StandardOutPath": "/Users/ann/pl/log/service.log",
        "StandardErrorPath": "/Users/ann/pl/log/service.log",
    }


def test_a_daemon_runs_as_its_user() -> None:
    spec = Spec(SPEC.name, SPEC.program, SPEC.environment, SPEC.home, SPEC.log, user="ann")
    assert plistlib.loads(launchd.render(spec))["UserName"] == "ann"


@pytest.mark.parametrize("data", [b"", b"<plist>", b"bplist00", b"[Unit]\n", b"<plist><array/></plist>", b"\xff\xfe"])
def test_a_file_that_is_no_property_list_has_no_keys(data: bytes) -> None:
    assert launchd.read(data) == {}


def test_a_running_service_is_read_by_its_own_lines_only() -> None:
    state = launchd.parse(RUNNING)
    assert (state.loaded, state.pid, state.state, state.starts) == (True, 4242, "running", 3)
    assert state.last_end == LastEnd(signal="Killed")


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("last exit code = 78: EX_CONFIG", LastEnd(code=78)),
        ("last exit code = 1", LastEnd(code=1)),
        ("last exit code = 0", LastEnd(code=0)),
        ("last exit code = (never exited)", None),
    ],
)
def test_how_it_ended_last(line: str, end: LastEnd | None) -> None:
    state = launchd.parse(f"x = {{\n\tstate = spawn scheduled\n\t{line}\n}}\n")
    assert (state.last_end, state.pid, state.state) == (end, 0, "spawn scheduled")


@pytest.mark.parametrize(
    ("text", "exit_code", "code"),
    [("Bootstrap failed: 125: Domain does not support specified action", 1, 125), ("Could not find service", 113, 113)],
)
def test_launchctls_number_is_the_printed_one_if_there_is_one(text: str, exit_code: int, code: int) -> None:
    assert launchd.code_of(text, exit_code) == code
