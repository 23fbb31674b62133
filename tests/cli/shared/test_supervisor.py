"""Which supervisord is taken for the pipeline's."""

from __future__ import annotations

import pytest

from cli.shared import supervisor as supervisors
from cli.shared.supervisor import Process
from common.errors import SupervisorError
from common.files.paths import Paths
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
