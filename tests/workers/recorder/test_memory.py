from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest

from workers.recorder.memory import CONTINUE_S, SavedRecording, load, save

ORIGIN_NS = 5_000


@pytest.fixture
def saved(tmp_path: Path) -> SavedRecording:
    (tmp_path / "Bo.flac").write_bytes(b"x")
    return SavedRecording(folder=str(tmp_path), origin_ns=ORIGIN_NS, parent=os.getppid())


def test_a_restarted_recorder_resumes_what_was_written_a_moment_ago(saved: SavedRecording) -> None:
    assert saved.is_resumable(time.time() + 1, ORIGIN_NS + 1)


def test_after_a_minute_of_silence_a_recording_is_not_resumed(saved: SavedRecording) -> None:
    assert not saved.is_resumable(time.time() + CONTINUE_S + 1, ORIGIN_NS + 1)


def test_a_new_start_of_everything_or_of_the_machine_resumes_nothing(saved: SavedRecording) -> None:
    other = msgspec.structs.replace(saved, parent=saved.parent + 1)
    assert not other.is_resumable(time.time() + 1, ORIGIN_NS + 1)
    assert not saved.is_resumable(time.time() + 1, ORIGIN_NS - 1)


def test_a_folder_that_is_gone_is_an_error(saved: SavedRecording) -> None:
    gone = msgspec.structs.replace(saved, folder=f"{saved.folder}/gone")
    with pytest.raises(OSError, match="gone"):
        gone.is_resumable(time.time(), ORIGIN_NS + 1)


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "recorder.json"
    assert load(file) is None
    save(file, tmp_path / "x", ORIGIN_NS, finished=True)
    found = SavedRecording(folder=str(tmp_path / "x"), origin_ns=ORIGIN_NS, parent=os.getppid(), finished=True)
    assert load(file) == found
