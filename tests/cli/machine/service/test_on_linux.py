"""`partyline service` with systemd, by a stand-in for systemctl. tests/e2e/test_a_service.py has the real one."""

from __future__ import annotations

import pytest

from cli.machine.service import systemctl
from tests.cli.machine.service.conftest import Make


def test_installed_it_runs_and_removed_it_is_gone(machine: Make) -> None:
    linux = machine("linux")
    code, out, err = linux.run("install")
    assert (code, err) == (0, "")
    assert "loginctl enable-linger" in out
    assert linux.fakes.verbs() == ["daemon-reload", "enable", "restart"]
    code, out, _ = linux.run("status")
    assert code == 0
    assert "process 4242" in out
    assert "another one" not in out
    unit = linux.unit
    assert linux.run("remove")[0] == 0
    assert not unit.exists()
    assert linux.fakes.verbs()[3:] == ["disable", "reset-failed", "daemon-reload"]


def test_with_lingering_it_starts_at_boot(machine: Make) -> None:
    linux = machine("linux")
    linux.fakes.become(linger="yes")
    assert "It starts at boot." in linux.run("install")[1]
    linux.fakes.remove("loginctl")
    assert "loginctl enable-linger" in linux.run("install")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Failed to connect to bus: No medium found", "The systemd of your user does not run here"),
        ("System has not been booted with systemd as init system (PID 1). Can't operate.", "does not run here"),
        ("Failed to restart unit: Unit is masked.", "systemd refused (systemctl --user restart): Failed to restart"),
    ],
)
def test_what_systemd_refuses_is_a_sentence_and_leaves_no_file(machine: Make, text: str, said: str) -> None:
    linux = machine("linux")
    linux.fakes.answer(restart=[(1, text)])
    code, _, err = linux.run("install")
    assert code == 1
    assert said in err.splitlines()[0]
    assert not list((linux.user / "config" / "systemd" / "user").iterdir())


def test_a_machine_without_systemd_is_told_so(machine: Make) -> None:
    linux = machine("linux")
    linux.fakes.remove("systemctl")
    assert linux.run("install")[2].splitlines()[0] == systemctl.NO_SYSTEMCTL


def test_a_daemon_is_for_macos(machine: Make) -> None:
    code, _, err = machine("linux").run("install", "--daemon")
    assert code == 2
    assert "enable-linger" in err


def test_logs_asks_the_journal(machine: Make) -> None:
    linux = machine("linux")
    linux.run("install")
    linux.run("logs", "-f")
    assert ["journalctl", "--user", "--unit", linux.unit.name, "-n", "50", "--follow"] in linux.fakes.calls
    linux.fakes.remove("journalctl")
    code, _, err = linux.run("logs")
    assert code == 1
    assert "There is no journalctl" in err
