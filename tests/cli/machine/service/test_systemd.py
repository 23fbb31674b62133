"""systemd's unit, and the words of `systemctl show`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.machine.service import systemd
from cli.machine.service.manager import LastEnd
from cli.machine.service.spec import Spec
from cli.machine.service.systemctl import SystemdUser

ODD = ['/home/ann/My "Pröjects" & Co 100%/$HOME', "a\\b", "it's"]


def spec(folder: Path) -> Spec:
    odd = {"PARTYLINE_HOME": str(folder), "PATH": "/usr/bin", "ODD": ODD[0] + ODD[1]}
    return Spec("partyline", (sys.executable, *ODD), odd, folder, folder / "log")


def test_the_unit_says_when_it_is_started_again_and_how_it_ends(tmp_path: Path) -> None:
    lines = systemd.render(spec(tmp_path)).decode().splitlines()
    for line in ("Type=exec", "Restart=on-failure", "RestartPreventExitStatus=78", "RestartSec=30", "KillMode=mixed",
                 "TimeoutStopSec=60", "WantedBy=default.target", "StartLimitIntervalSec=0"):  # fmt: skip
        assert line in lines


def test_whatever_is_written_is_read_back(tmp_path: Path) -> None:
    data = systemd.render(spec(tmp_path))
    manager = SystemdUser("partyline", tmp_path)
    assert list(manager.program(data)) == [sys.executable, *ODD]
    assert manager.environment(data) == spec(tmp_path).environment


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_finds_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    folder = tmp_path / "my home 100% ü"
    folder.mkdir()
    unit = tmp_path / "partyline.service"
    unit.write_bytes(systemd.render(spec(folder)))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", unit], capture_output=True, text=True, check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def shown(**keys: str) -> str:
    return "\n".join(f"{name}={value}" for name, value in keys.items())


def test_a_running_unit() -> None:
    state = systemd.parse(
        shown(LoadState="loaded", ActiveState="active", MainPID="17", ExecMainCode="0", ExecMainStatus="0",
              ActiveEnterTimestamp="@1700000000", NRestarts="2")
    )  # fmt: skip
    assert (state.loaded, state.pid, state.since, state.starts, state.last_end) == (True, 17, 1.7e9, 2, None)


@pytest.mark.parametrize(
    ("code", "status", "end"),
    [
        ("1", "78", LastEnd(code=78)),
        ("1", "0", LastEnd(code=0)),
        ("2", "9", LastEnd(signal="SIGKILL")),
        ("3", "11", LastEnd(signal="SIGSEGV")),
        ("2", "99", LastEnd(signal="signal 99")),
    ],
)
def test_how_it_ended_last(code: str, status: str, end: LastEnd) -> None:
    state = systemd.parse(shown(LoadState="loaded", ActiveState="failed", ExecMainCode=code, ExecMainStatus=status))
    assert (state.last_end, state.pid) == (end, 0)


def test_a_unit_that_is_not_there_is_not_loaded() -> None:
    assert not systemd.parse(shown(LoadState="not-found", ActiveState="inactive")).loaded
    assert not systemd.parse("").loaded
