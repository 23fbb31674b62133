"""The folder of one recording with all its files. For one thread at a time. Every method may raise `OSError`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Self

from common.errors import PartylineError
from common.files.paths import write_atomically
from common.messages import SAMPLE_RATE
from workers.recorder.files import flac
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.index import IndexFile, RecordingIndex, load
from workers.recorder.files.naming import folder_name
from workers.recorder.files.timeline import MIX, Block
from workers.recorder.files.track import TrackFile

INDEX = "session.json"
LABELS = "labels.txt"
SPEECH = "speech.txt"
RESERVE = ".ballast"
"""Reserve that is freed on a full disk, so that the recording can be finished."""
RESERVE_BYTES = 1 << 18


class RecordingFolder:
    """A recording on disk. It holds a lock on the folder, so that nobody repairs it meanwhile."""

    def __init__(self, folder: Path, index: RecordingIndex, lock: int) -> None:
        self.folder = folder
        self.index = index
        self._lock = lock
        self._encoder = Encoder()
        self._tracks: dict[str, TrackFile] = {}

    @classmethod
    def begin(cls, root: Path, name: str, started_at: float) -> Self:
        """Create a new folder below `root`."""
        root.mkdir(parents=True, exist_ok=True)
        when = datetime.fromtimestamp(started_at).astimezone()
        folder = root / folder_name(when, name, {path.name.lower() for path in root.iterdir()})
        folder.mkdir(mode=0o700)
        versions = {"partyline": version("partyline"), "PyAV": version("av")}
        take = cls(
            folder, RecordingIndex(IndexFile(name=name, started_at=started_at, versions=versions)), locked(folder)
        )
        try:
            (folder / RESERVE).write_bytes(os.urandom(RESERVE_BYTES))
            take.save()
        except OSError:
            with contextlib.suppress(OSError):
                take.discard()
            raise
        return take

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Continue the files of an unfinished recording. Raises `ValueError` if it is not one."""
        lock = locked(folder)
        try:
            index = RecordingIndex(load((folder / INDEX).read_bytes()))
        except BaseException:
            os.close(lock)
            raise
        index.go_on()
        take = cls(folder, index, lock)
        try:
            for talker in index.recorded():
                take._reopen(talker.account_id, talker.file)
            if index.mix:
                take._reopen(MIX, index.mix)
            (folder / RESERVE).write_bytes(os.urandom(RESERVE_BYTES))
        except BaseException:
            take.close()
            raise
        return take

    def _reopen(self, account_id: str, file: str) -> None:
        path = self.folder / file
        if path.exists() and not path.stat().st_size:
            path.unlink()  # it broke off while the file was created
        if path.exists():
            self._tracks[account_id] = TrackFile.resume(path)

    @property
    def blocks(self) -> int:
        """Length of the longest file."""
        return max((track.blocks for track in self._tracks.values()), default=0)

    @property
    def seconds(self) -> float:
        return self.blocks * flac.BLOCK / SAMPLE_RATE

    @property
    def files(self) -> int:
        return len(self._tracks)

    @property
    def size(self) -> int:
        return sum(track.size for track in self._tracks.values())

    def free(self) -> int:
        """Return the free bytes of the disk."""
        return shutil.disk_usage(self.folder).free

    def write(self, block: Block) -> None:
        for account_id in block.accounts:
            track = self._tracks.get(account_id) or self._new(account_id)
            track.write(block.number, block.sounds.get(account_id), self._encoder.frame)

    def _new(self, account_id: str) -> TrackFile:
        file, title = self.index.file_of(account_id)
        when = datetime.fromtimestamp(self.index.started_at).astimezone().isoformat(timespec="seconds")
        track = self._tracks[account_id] = TrackFile.create(self.folder / file, {"TITLE": title, "DATE": when})
        return track

    def sync(self) -> None:
        for track in list(self._tracks.values()):
            track.sync()

    def save(self, seconds: float | None = None) -> None:
        """Write `session.json` and the labels."""
        written, labels = self.index.dump(self.seconds if seconds is None else seconds)
        write_atomically(self.folder / INDEX, written)
        write_atomically(self.folder / LABELS, labels)
        if lines := self.index.take_speech():
            with (self.folder / SPEECH).open("a", encoding="utf-8") as file:
                file.write(lines)

    def finish(self, why: str = "", blocks: int = 0) -> list[OSError]:
        """Pad all files to one length (`blocks`, or that of the longest), and finish their headers.

        Returns the errors. A file with an error is readable, and `repair` finishes it.
        """
        faults: list[OSError] = []
        blocks = max(blocks, self.blocks)
        try:
            (self.folder / RESERVE).unlink(missing_ok=True)
        except OSError as error:
            faults.append(error)
        for track in self._tracks.values():
            try:
                track.pad(blocks)
            except OSError as error:
                faults.append(error)
            try:
                track.finish()
            except OSError as error:
                faults.append(error)
        seconds = blocks * flac.BLOCK / SAMPLE_RATE
        self.index.end(seconds, why)
        try:
            self.save(seconds)
        except OSError as error:
            faults.append(error)
        return faults

    def discard(self) -> None:
        """Remove a recording that holds no sound yet."""
        self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        for track in self._tracks.values():
            track.close()
        with contextlib.suppress(OSError):
            os.close(self._lock)


def locked(folder: Path) -> int:
    """Lock a recording's folder. Raises `PartylineError` if it is being recorded or repaired."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise PartylineError(
            f"{folder} is being recorded or repaired just now.",
            "Stop the recording first: `partyline record stop`.",
            code="recorder.busy",
        ) from None
    return lock
