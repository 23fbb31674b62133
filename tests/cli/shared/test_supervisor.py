"""Which supervisord is taken for the pipeline's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cli.shared import supervisor as supervisors
from cli.shared.supervisor import Process
from common.errors import SupervisorError
from common.files.paths import CHECKOUT, Paths
from tests.support.made import NOW


def process(state: str, started_at: float = NOW - 60, name: str = "media", **more: str) -> Process:
    return Process(name, state, 1, f"/log/{name}.log", started_at=started_at, **more)


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


class Serving(Foreign):
    """A pipeline's supervisord of process id 70, started a minute ago from the checkout's configuration."""

    state = "RUNNING"

    def pid(self) -> int:
        return 70

    def processes(self) -> list[Process]:
        return [process(self.state, time.time() - 60, name="broker")]


class Failing(Serving):
    state = "BACKOFF"


@pytest.mark.parametrize(
    ("kind", "noted", "taken"),
    [
        (Serving, "70", True),
        (Serving, "69", False),  # it serves another home, whose workers noted it there
        (Failing, "69", True),  # nobody noted it yet
        (Serving, "", True),  # noted by version 0.1, which did not note the process id
    ],
)
def test_a_supervisord_that_serves_another_home_is_not_ours(tmp_path, monkeypatch, kind, noted, taken):
    paths = Paths(tmp_path)
    paths.make()
    paths.supervisor_file.write_text("unix:///other.sock")
    if noted:
        paths.supervisor_pid_file.write_text(noted)
    monkeypatch.setattr(supervisors, "Supervisor", kind)
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    assert (supervisors.find(paths) is not None) == taken


def test_a_broker_that_just_began_is_waited_for(tmp_path, monkeypatch):
    paths = Paths(tmp_path)
    paths.make()

    class Beginning(Serving):
        def processes(self) -> list[Process]:
            paths.supervisor_pid_file.write_text("70" if paths.supervisor_pid_file.exists() else "69")
            return [process("RUNNING", time.time() - 1, name="broker")]

    monkeypatch.setattr(supervisors, "Supervisor", Beginning)
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    assert supervisors.find(paths) is not None


def test_each_home_has_a_configuration_of_its_own_and_the_checkouts_home_the_checkouts(tmp_path, monkeypatch):
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    assert supervisors.conf_file(Paths(CHECKOUT / "var")) == CHECKOUT / "supervisord.conf"
    assert supervisors.conf_file(Paths(tmp_path)) == tmp_path / "supervisord.conf"
    assert supervisors.conf_file(Paths(tmp_path), "/given.conf") == Path("/given.conf")
    monkeypatch.setenv("PARTYLINE_CONF", "/named.conf")
    assert supervisors.conf_file(Paths(tmp_path)) == Path("/named.conf")
