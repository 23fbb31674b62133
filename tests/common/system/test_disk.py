from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from common.files.paths import write_atomically
from common.system import disk
from common.system.disk import LOCK_FILE, FolderLock


@pytest.mark.parametrize("error", [None, OSError(errno.ENOTSUP, "Operation not supported")])
def test_what_must_last_is_flushed_out_of_the_drive_where_that_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    asked: list[tuple[int, int]] = []

    def flush(descriptor: int, command: int) -> int:
        asked.append((os.fstat(descriptor).st_size, command))
        if error is not None:
            raise error
        return 0

    monkeypatch.setattr(disk, "_FULL_SYNC", 51)
    monkeypatch.setattr(disk.fcntl, "fcntl", flush)
    write_atomically(tmp_path / "usual", b"abc")
    assert asked == []
    write_atomically(tmp_path / "tokens", b"abcde", lasting=True)
    assert asked == [(5, 51)]
    assert (tmp_path / "tokens").read_bytes() == b"abcde"


def test_without_it_the_usual_sync_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(disk, "_FULL_SYNC", None)
    monkeypatch.setattr(disk.os, "fsync", synced.append)
    write_atomically(tmp_path / "tokens", b"abcde", lasting=True)
    assert len(synced) == 1


@pytest.fixture
def flocks(monkeypatch: pytest.MonkeyPatch) -> dict[bool, int]:
    """By whether a folder is locked: the error that the file system gives. Missing: it locks."""
    refusals: dict[bool, int] = {}
    real = fcntl.flock

    def flock(descriptor: int, operation: int) -> None:
        if error := refusals.get(stat.S_ISDIR(os.fstat(descriptor).st_mode)):
            raise OSError(error, os.strerror(error))
        real(descriptor, operation)

    monkeypatch.setattr(disk.fcntl, "flock", flock)
    return refusals


@pytest.mark.parametrize("folders", [None, errno.ENOTSUP, errno.EBADF])
def test_a_folder_is_locked_once_by_itself_or_by_a_file_in_it(
    tmp_path: Path, flocks: dict[bool, int], folders: int | None
) -> None:
    if folders:
        flocks[True] = folders
    first = FolderLock(tmp_path)
    assert (tmp_path / LOCK_FILE).exists() is (folders is not None)
    with pytest.raises(BlockingIOError):
        FolderLock(tmp_path)
    first.release()
    assert list(tmp_path.iterdir()) == []
    FolderLock(tmp_path).release()


def test_where_nothing_can_be_locked_nobody_is_kept_out(tmp_path: Path, flocks: dict[bool, int]) -> None:
    flocks |= {True: errno.ENOTSUP, False: errno.ENOLCK}
    locks = [FolderLock(tmp_path), FolderLock(tmp_path)]
    for lock in locks:
        lock.release()
    assert list(tmp_path.iterdir()) == []


def test_another_error_is_one(tmp_path: Path, flocks: dict[bool, int]) -> None:
    flocks[True] = errno.EIO
    with pytest.raises(OSError, match="Input/output"):
        FolderLock(tmp_path)


def test_a_lock_file_that_its_holder_just_removed_is_made_again(
    tmp_path: Path, flocks: dict[bool, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    flocks[True] = errno.ENOTSUP
    answers = iter([False, True])
    monkeypatch.setattr(disk, "_is_at", lambda *_: next(answers))
    lock = FolderLock(tmp_path)
    assert next(answers, None) is None
    lock.release()
