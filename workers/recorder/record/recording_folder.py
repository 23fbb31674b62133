"""The folder of one recording with all its files. For one thread at a time. Every method may raise `OSError`."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Self

from common.basic.version import version
from common.errors import PartylineError
from common.files.paths import write_atomically
from common.messages import SAMPLE_RATE
from common.system.disk import FolderLock
from workers.recorder.files import flac
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.index_format import IndexFile, load
from workers.recorder.files.naming import folder_name
from workers.recorder.files.timeline import Block
from workers.recorder.record.tracks import Tracks

INDEX = "session.json"
LABELS = "labels.txt"
SPEECH = "speech.txt"
RESERVE = ".ballast"
"""Disk space that is freed on a full disk, so that the recording can be finished."""
RESERVE_BYTES = 1 << 18
"""Chosen to be enough for the end of the files and the index."""

LONGEST_LINE = 4096
"""Bytes at the end of `SPEECH` in which a torn line is looked for. A line is two times and a name."""


class RecordingFolder:
    """A recording on disk. It holds a lock on the folder, so that nobody repairs it meanwhile."""

    def __init__(self, folder: Path, index: RecordingIndex, lock: FolderLock) -> None:
        self.path = folder
        self.index = index
        self.tracks = Tracks(folder, index)
        self._lock = lock
        self._speech = ""
        """Lines of `SPEECH` that are not written yet."""

    @classmethod
    def create(cls, root: Path, name: str, started_at: float) -> Self:
        """Create a new folder below `root`."""
        root.mkdir(parents=True, exist_ok=True)
        when = datetime.fromtimestamp(started_at).astimezone()
        folder = root / folder_name(when, name, {path.name.lower() for path in root.iterdir()})
        folder.mkdir(mode=0o700)
        versions = {"partyline": version(), "PyAV": importlib.metadata.version("av")}
        index = RecordingIndex(IndexFile(name=name, started_at=started_at, versions=versions))
        made = cls(folder, index, locked(folder))
        try:
            (folder / RESERVE).write_bytes(os.urandom(RESERVE_BYTES))
            made.save()
        except OSError:
            with contextlib.suppress(OSError):
                made.discard()
            raise
        return made

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Continue the files of an unfinished recording. Raises `ValueError` if it is not one."""
        lock = locked(folder)
        try:
            index = RecordingIndex(load((folder / INDEX).read_bytes()))
        except BaseException:
            lock.release()
            raise
        index.reopen()
        found = cls(folder, index, lock)
        try:
            found.tracks.resume()
            (folder / RESERVE).write_bytes(os.urandom(RESERVE_BYTES))
        except BaseException:
            found.close()
            raise
        return found

    @property
    def blocks(self) -> int:
        """Length of the longest file."""
        return self.tracks.blocks

    @property
    def seconds(self) -> float:
        return self.blocks * flac.BLOCK / SAMPLE_RATE

    def free(self) -> int:
        """Return the free bytes of the disk."""
        return shutil.disk_usage(self.path).free

    def write(self, block: Block) -> None:
        self.tracks.write(block)

    def sync(self) -> None:
        self.tracks.sync()

    def save(self, seconds: float | None = None) -> None:
        """Write `session.json` and the labels."""
        index, labels = self.index.dump(self.seconds if seconds is None else seconds)
        write_atomically(self.path / INDEX, index)
        write_atomically(self.path / LABELS, labels)
        self._speech += self.index.take_speech()
        if self._speech:
            _append_lines(self.path / SPEECH, self._speech)
            self._speech = ""

    def finish(self, reason: str = "", blocks: int = 0) -> list[OSError]:
        """Pad all files to one length (`blocks`, or that of the longest), and finish their headers.

        Returns the errors. A file with an error is readable, and `repair` finishes it.
        """
        errors: list[OSError] = []
        blocks = max(blocks, self.blocks)
        try:
            (self.path / RESERVE).unlink(missing_ok=True)
        except OSError as error:
            errors.append(error)
        errors += self.tracks.finish(blocks)
        seconds = blocks * flac.BLOCK / SAMPLE_RATE
        self.index.record_end(seconds, reason)
        try:
            self.save(seconds)
        except OSError as error:
            errors.append(error)
        return errors

    def discard(self) -> None:
        """Remove a recording that holds no sound yet."""
        self.close()
        shutil.rmtree(self.path)

    def close(self) -> None:
        self.tracks.close()
        self._lock.release()


def _private(path: str, flags: int) -> int:
    """Open a file that is made readable for its owner only, as the tracks beside it are."""
    return os.open(path, flags, 0o600)


def _append_lines(path: Path, lines: str) -> None:
    """Append whole lines. The torn line of a kill or a full disk is removed, so that it spoils no other."""
    with open(path, "a+b", opener=_private) as file:
        size = file.tell()
        file.seek(max(0, size - LONGEST_LINE))
        tail = file.read()
        whole = size - len(tail) + tail.rfind(b"\n") + 1
        if whole < size:
            file.truncate(whole)
        try:
            file.write(lines.encode())
            file.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(file.fileno(), whole)
            raise


def locked(folder: Path) -> FolderLock:
    """Lock a recording's folder. Raises `PartylineError` if it is being recorded or repaired."""
    try:
        return FolderLock(folder)
    except BlockingIOError:
        raise PartylineError(
            f"{folder} is being recorded or repaired at the moment.",
            "Stop the recording first: `partyline record stop`.",
            code="recorder.busy",
        ) from None
