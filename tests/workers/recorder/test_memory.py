from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest

from common.basic.clock import Moment
from workers.recorder.memory import CONTINUE_S, SavedRecording, load, save

ORIGIN_NS = 5_000
NOW_NS = ORIGIN_NS + 1
HOUR_S = 3600.0
SAVED_AT = Moment(boot="b1", boot_s=1000.0, unix=1_800_000_000.0)


@pytest.fixture
def saved(tmp_path: Path) -> SavedRecording:
    (tmp_path / "Bo.flac").write_bytes(b"x")
    return SavedRecording(folder=str(tmp_path), origin_ns=ORIGIN_NS, parent=os.getppid(), at=SAVED_AT)


def after(seconds: float, *, clock_set_s: float = 0.0) -> Moment:
    return Moment(boot="b1", boot_s=SAVED_AT.boot_s + seconds, unix=SAVED_AT.unix + seconds + clock_set_s)


@pytest.mark.parametrize("clock_set_s", [0.0, HOUR_S, -HOUR_S])
def test_a_restarted_recorder_resumes_whatever_the_wall_clock_says(saved: SavedRecording, clock_set_s: float) -> None:
    assert saved.is_resumable(after(1, clock_set_s=clock_set_s), NOW_NS)


@pytest.mark.parametrize("clock_set_s", [0.0, HOUR_S, -HOUR_S, -CONTINUE_S])
def test_after_a_minute_a_recording_is_not_resumed(saved: SavedRecording, clock_set_s: float) -> None:
    assert not saved.is_resumable(after(CONTINUE_S + 1, clock_set_s=clock_set_s), NOW_NS)


def test_a_new_start_of_everything_resumes_nothing(saved: SavedRecording) -> None:
    other = msgspec.structs.replace(saved, parent=saved.parent + 1)
    assert not other.is_resumable(after(1), NOW_NS)


def test_a_reboot_is_told_from_a_restart_by_the_boot_and_where_that_has_no_id_by_its_clock(
    saved: SavedRecording,
) -> None:
    rebooted = Moment(boot="b2", boot_s=20.0, unix=SAVED_AT.unix + 40)
    assert not saved.is_resumable(rebooted, NOW_NS)
    assert not saved.is_resumable(after(1), ORIGIN_NS - 1)


def test_the_moment_of_an_older_version_is_that_of_the_newest_file(saved: SavedRecording) -> None:
    older = msgspec.structs.replace(saved, at=None)
    assert older.is_resumable(Moment(unix=time.time() + 1), NOW_NS)
    assert not older.is_resumable(Moment(unix=time.time() + CONTINUE_S + 1), NOW_NS)


def test_a_folder_that_is_gone_is_an_error(saved: SavedRecording) -> None:
    gone = msgspec.structs.replace(saved, folder=f"{saved.folder}/gone")
    with pytest.raises(OSError, match="gone"):
        gone.is_resumable(after(1), NOW_NS)


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "recorder.json"
    assert load(file) is None
    save(file, tmp_path / "x", ORIGIN_NS, finished=True)
    found = load(file)
    assert found is not None
    assert found.at is not None
    assert found.at.ago_s(Moment.now()) < HOUR_S
    expected = SavedRecording(folder=str(tmp_path / "x"), origin_ns=ORIGIN_NS, parent=os.getppid(), finished=True)
    assert msgspec.structs.replace(found, at=None) == expected
