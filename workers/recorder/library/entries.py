"""A recording's folder as an entry of the list."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from common.errors import PartylineError
from common.files.state import UNUSABLE, format_of
from common.messages import RecordedFile, RecordingEntry
from common.system.disk import FolderLock
from workers.recorder.export.sources import sounds
from workers.recorder.files.index_format import IndexFile, load
from workers.recorder.record.recording_folder import INDEX

State = Literal["finished", "recording", "interrupted", "newer"]
PLAYED = (".flac", ".m4a", ".mp3", ".opus")
"""Endings of the files that can be played."""


def read_index(folder: Path) -> IndexFile:
    """Return a recording's index. Raises `PartylineError` if there is none that can be used."""
    try:
        return load((folder / INDEX).read_bytes())
    except (OSError, *UNUSABLE) as error:
        raise PartylineError(
            f"{folder.name} is no finished recording: {INDEX} {_why(error)}.",
            f"Try: `partyline record repair {folder}`.",
            code="recorder.no-recording",
        ) from error


def _why(error: Exception) -> str:
    return f"cannot be read ({error.strerror or error})" if isinstance(error, OSError) else f"cannot be used ({error})"


def is_locked(folder: Path) -> bool:
    """Return whether somebody records into a folder or repairs it."""
    try:
        FolderLock(folder).release()
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def entry_of(folder: Path) -> RecordingEntry | None:
    """Return the entry of a folder, None if it is no recording."""
    try:
        raw = (folder / INDEX).read_bytes()
    except OSError:
        return None
    size = _size(folder)
    try:
        session = load(raw)
    except UNUSABLE:
        state: State = "newer" if format_of(raw) > IndexFile.FORMAT else "interrupted"
        with contextlib.suppress(OSError):
            return RecordingEntry(
                recording=folder.name, state=state, started_at=folder.stat().st_mtime, size_bytes=size
            )
        return None
    unfinished: State = "recording" if is_locked(folder) else "interrupted"
    state = "finished" if session.state == "finished" else unfinished
    runs = state == "recording"
    return RecordingEntry(
        recording=folder.name,
        name=session.name,
        kind=session.kind,
        state=state,
        party=session.party,
        started_at=session.started_at,
        seconds=0.0 if runs else session.seconds,
        size_bytes=0 if runs else size,
        marks=len(session.marks),
        files=tuple(_files(folder, session)),
    )


def _files(folder: Path, session: IndexFile) -> list[RecordedFile]:
    named = [(folder / copy, copy) for copy in session.copies] + sounds(folder, session)
    return [RecordedFile(file=path.name, title=title) for path, title in named if path.name.endswith(PLAYED)]


def _size(folder: Path) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for one in found:
            with contextlib.suppress(OSError):
                total += one.stat(follow_symlinks=False).st_size
    return total


def is_unfinished_clip(folder: Path) -> bool:
    """Return whether a clip has no copies yet, because its recorder was killed."""
    try:
        session = load((folder / INDEX).read_bytes())
    except (OSError, msgspec.DecodeError, ValueError):
        return False
    return session.kind == "clip" and not session.copies and not session.copy_fault
