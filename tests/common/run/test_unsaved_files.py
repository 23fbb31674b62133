"""Files that wait to be saved: one problem that follows their state, and one retry at a time."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest

from common.run import unsaved
from common.run.unsaved import DISK, UnsavedFiles


class Unsaved:
    """Stands in for `common.files.unsaved.UNSAVED`."""

    trouble: tuple[str, str] | None = None
    waits = True
    retries = 0

    def due(self) -> bool:
        return self.waits

    def words(self) -> tuple[str, str] | None:
        return self.trouble

    def retry(self) -> None:
        self.retries += 1


class Problems:
    def __init__(self) -> None:
        self.did: list[str] = []

    def publish(self, code: str, message: str, _remedy: str) -> None:
        self.did.append(f"{code}: {message}")

    def clear(self, code: str) -> None:
        self.did.append(f"{code} is over")


async def test_the_problem_follows_the_files_and_retries_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    files, problems = Unsaved(), Problems()
    started: list[Coroutine[Any, Any, None]] = []
    monkeypatch.setattr(unsaved, "UNSAVED", files)
    watched = UnsavedFiles(problems, lambda job, _name: started.append(job))  # type: ignore[arg-type]
    files.trouble = ("a.json is not saved.", "Make room.")
    watched.poll()
    watched.poll()
    assert problems.did == [f"{DISK}: a.json is not saved."]
    assert len(started) == 1, "a retry that still runs is the only one"
    await started.pop()
    assert files.retries == 1
    files.trouble = None
    watched.poll()
    assert problems.did[1:] == [f"{DISK} is over"]
    await started.pop()
    files.waits = False
    watched.poll()
    assert started == []
