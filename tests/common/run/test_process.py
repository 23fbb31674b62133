"""What a process leaves in its home for the commands: its supervisord, and who runs there."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
import structlog

from common.files.paths import Paths
from common.run.process import _note_supervisor, running_workers

URL = "unix:///some where/supervisor.sock"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    made = Paths(tmp_path)
    made.make()
    monkeypatch.setenv("SUPERVISOR_SERVER_URL", URL)
    monkeypatch.setenv("SUPERVISOR_PROCESS_NAME", "media")
    return made


def notes(paths: Paths) -> dict[str, str]:
    files = (paths.supervisor_file, paths.supervisor_pid_file)
    return {file.name: file.read_text() for file in files if file.exists()}


def test_a_worker_notes_its_supervisord_by_url_and_process_id(paths: Paths) -> None:
    _note_supervisor("media", paths, structlog.get_logger("test"))
    assert notes(paths) == {"supervisor.url": URL, "supervisor.pid": str(os.getppid())}


def test_a_supervisord_that_runs_another_process_is_not_noted(paths: Paths) -> None:
    _note_supervisor("audio", paths, structlog.get_logger("test"))
    assert notes(paths) == {}


def test_who_runs_in_a_home_is_known_by_its_lock(paths: Paths) -> None:
    (paths.run / "auth.lock").touch()  # of one that has ended
    handle = os.open(paths.run / "media.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert running_workers(paths.run) == ["media"]
    finally:
        os.close(handle)
    assert running_workers(paths.run) == []
