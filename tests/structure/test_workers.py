"""What holds for every worker's folder."""

from __future__ import annotations

import pytest

from common.run.worker import Worker
from tests.structure.code import WORKERS, files, loaded, part_of


def shells(name: str) -> set[type[Worker]]:
    """Return the subclasses of `Worker` in a worker's folder."""
    return {
        cls
        for module in files()
        if module.startswith("workers.") and part_of(module) == name
        for cls in vars(loaded(module)).values()
        if isinstance(cls, type) and issubclass(cls, Worker) and cls.__module__ == module
    }


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_a_worker_is_called_like_its_folder(name: str) -> None:
    """supervisord, the bus and the log go by the folder's name, heartbeats and problems by the class's."""
    assert [cls.name for cls in shells(name)] == [name]


UNCHANGED_BY_SLEEP = {"broker": "its sockets do not leave this machine, and it counts heartbeats, not time"}
"""Workers that do nothing after a sleep of the machine, and why."""


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_a_worker_handles_a_sleep_of_the_machine_or_says_why_it_need_not(name: str) -> None:
    (shell,) = shells(name)
    assert (shell.on_wake is not Worker.on_wake) is (name not in UNCHANGED_BY_SLEEP)
