"""A clip's folder, written at once: FLAC files, index and labels. For a thread that may wait for the disk.

It is made under a name that begins with a dot, and gets its own name when all of it is on the disk.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from common.basic.version import version
from common.errors import PartylineError
from common.files.paths import write_atomically
from common.messages import SAMPLE_RATE
from common.requests import SavedClip
from common.system import disk
from common.system.disk import FolderLock
from workers.recorder.clip.clip_memory import ClipCut, ClipMark
from workers.recorder.files import flac
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.index_format import IndexFile
from workers.recorder.files.naming import folder_name
from workers.recorder.files.timeline import MIX, MissingSamples, SpokenSamples
from workers.recorder.record.assembler import NO_MIX_CAME, NOTHING_CAME
from workers.recorder.record.recording_folder import INDEX, LABELS, SPEECH

NAME = "clip"
"""The end of a clip's folder name."""
PART = ".part"
"""The end of the name of a folder that is not complete yet."""
_CHUNK_BYTES = 1 << 20
"""Bytes written at a time."""


def write_clip(root: Path, cut: ClipCut, ended_at: float, keep_free: int) -> SavedClip:
    """Write a clip that ended at `ended_at` (Unix seconds) into a new folder below `root`, and return when it is there.

    Raises `OSError`, with ENOSPC if fewer than `keep_free` bytes would be left. Nothing of the clip is left then.
    """
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free - cut.size < keep_free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(root))
    started_at = ended_at - cut.seconds - cut.slept_s
    when = datetime.fromtimestamp(started_at).astimezone()
    taken = {path.name.lower().removeprefix(".").removesuffix(PART) for path in root.iterdir()}
    folder = root / folder_name(when, NAME, taken)
    part = root / f".{folder.name}{PART}"
    part.mkdir(mode=0o700)
    try:
        lock = FolderLock(part)
        try:
            index = _index(cut, started_at)
            size = _write_tracks(part, cut, index, when)
            _write_index(part, cut, index)
            _sync_folder(part)
            part.rename(folder)
        finally:
            lock.release()
        _sync_folder(root)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    heard = sum(account_id != MIX for account_id in cut.accounts)
    return SavedClip(folder=str(folder), seconds=round(cut.seconds, 3), talkers=heard, size_bytes=size)


def remove_parts(root: Path) -> list[str]:
    """Remove what a killed process left of clips that were not complete, and return the names."""
    removed = []
    with contextlib.suppress(OSError):
        for part in sorted(root.glob(f".*-{NAME}*{PART}")):
            with contextlib.suppress(OSError, PartylineError):
                FolderLock(part).release()  # BlockingIOError: another process is writing it
                shutil.rmtree(part)
                removed.append(part.name)
    return removed


def _index(cut: ClipCut, started_at: float) -> RecordingIndex:
    versions = {"partyline": version(), "PyAV": importlib.metadata.version("av")}
    index = RecordingIndex(IndexFile(kind="clip", name=NAME, started_at=started_at, versions=versions))
    begin, end = cut.first * BLOCK, cut.end * BLOCK
    for party in cut.parties:
        index.record_party(party.name, list(party.members), max(0, party.begin - begin) / SAMPLE_RATE)
    for note in cut.notes:
        at = max(0, note.begin - begin) / SAMPLE_RATE
        if isinstance(note, ClipMark):
            index.record_mark(at, started_at + at, note.text)
            continue
        until = (min(note.end, end) - begin) / SAMPLE_RATE
        match note:
            case SpokenSamples():
                index.record_speech(note.account_id, at, until)
            case MissingSamples():
                why = NO_MIX_CAME if note.account_id == MIX else NOTHING_CAME
                index.record_gap(note.account_id, at, until, why)
    return index


def _write_tracks(folder: Path, cut: ClipCut, index: RecordingIndex, when: datetime) -> int:
    """Write a file for each account, and return their bytes. Their MD5 stays unknown until they are decoded."""
    size = 0
    for account_id in cut.accounts:
        file, title = index.file_of(account_id)
        tags = {"TITLE": title, "DATE": when.isoformat(timespec="seconds")}
        descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as track:
            track.write(flac.head(tags, (cut.end - cut.first) * BLOCK))
            for chunk in _chunks(cut, account_id):
                track.write(chunk)
            track.flush()
            disk.sync(track.fileno())
            size += track.tell()
    return size


def _chunks(cut: ClipCut, account_id: str) -> Iterator[bytes]:
    """Yield all frames of a track, some at a time."""
    chunk = bytearray()
    sounds = {block.number: block.frames[account_id] for block in cut.blocks if account_id in block.frames}
    for number in range(cut.first, cut.end):
        frame = sounds.get(number)
        place = number - cut.first
        chunk += flac.silence(place) if frame is None else flac.renumbered(frame, place)
        if len(chunk) >= _CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _write_index(folder: Path, cut: ClipCut, index: RecordingIndex) -> None:
    index.record_end(cut.seconds, "")
    written, labels = index.dump(cut.seconds)
    write_atomically(folder / LABELS, labels, lasting=True)
    if speech := index.take_speech():
        write_atomically(folder / SPEECH, speech.encode(), lasting=True)
    write_atomically(folder / INDEX, written, lasting=True)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where its file system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # network file systems refuse it, and need it not
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
