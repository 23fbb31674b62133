from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from common.files.paths import write_atomically
from common.system import disk


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
