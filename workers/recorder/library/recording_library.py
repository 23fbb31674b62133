"""The recordings in a folder: listed, found by name, renamed, deleted. For a thread that may wait for the disk.

A recording is found among the folders that are there. What a request names is never made into a path.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths, write_atomically
from common.messages import RecordingEntry, RecordingList
from common.system import file_manager
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.naming import folder_name
from workers.recorder.library.entries import entry_of, is_unfinished_clip, read_index
from workers.recorder.record.recording_folder import INDEX, locked

MOST_LISTED = 200
"""Entries of one list, which every page receives. 200 with 16 talkers each are 200 kB."""
_DATED = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")


def recordings_root(paths: Paths, settings: Settings) -> Path:
    """Return the folder of all recordings."""
    folder = settings.recorder.folder
    return paths.home / Path(folder).expanduser() if folder else paths.recordings


class RecordingLibrary:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[tuple[int, int], RecordingEntry]] = {}
        """Folder's name → when folder and index were changed, and the entry made then."""

    def scan(self) -> RecordingList:
        """Return all recordings, the newest first. What did not change since the last scan is not read again."""
        known = self._known
        self._known = {}
        for folder in self._folders():
            stamp = _stamp(folder)
            found = known.get(folder.name)
            with contextlib.suppress(OSError):  # a disk that fails or refuses: what it shows is listed
                entry = found[1] if found and found[0] == stamp and found[1].state != "recording" else entry_of(folder)
                if entry is not None and stamp is not None:
                    self._known[folder.name] = (stamp, entry)
        entries = sorted((entry for _, entry in self._known.values()), key=lambda entry: -entry.started_at)
        more = max(0, len(entries) - MOST_LISTED)
        return RecordingList(folder=str(self.root), recordings=tuple(entries[:MOST_LISTED]), more=more)

    def _folders(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return [path for path in self.root.iterdir() if not path.name.startswith(".") and path.is_dir()]
        return []

    def unfinished_clips(self) -> list[Path]:
        return [folder for folder in self._folders() if is_unfinished_clip(folder)]

    def find(self, recording: str) -> Path:
        """Return a recording's folder. Raises `PartylineError` if there is none of that name."""
        found = next((folder for folder in self._folders() if folder.name == recording), None)
        if found is None:
            raise PartylineError(
                f"There is no recording {recording[:80]!r} in {self.root}.",
                "`partyline recordings` lists them.",
                code="recorder.no-recording",
            )
        return found

    def rename(self, recording: str, name: str) -> Path:
        """Rename a recording and return its folder. Raises `PartylineError` if it is in use, and `OSError`."""
        folder = self.find(recording)
        with _held(folder):
            session = read_index(folder)
            session.name = name.strip()
            dated = _DATED.match(folder.name)
            when = datetime.fromtimestamp(session.started_at).astimezone()
            if dated is not None:
                when = datetime.strptime(dated.group(), "%Y-%m-%d_%H-%M-%S")  # noqa: DTZ007  # only written again
            taken = {other.name.lower() for other in self._folders() if other != folder}
            target = self.root / folder_name(when, session.name, taken)
            write_atomically(folder / INDEX, RecordingIndex(session).dump(session.seconds)[0])
            return folder.rename(target) if target != folder else folder

    def delete(self, recording: str, *, for_good: bool = False) -> None:
        """Move a recording to the trash, or remove it. Raises `PartylineError` if it is in use, and `OSError`."""
        folder = self.find(recording)
        with _held(folder):
            if for_good:
                shutil.rmtree(folder)
            else:
                file_manager.trash(folder)

    def file(self, recording: str, file: str) -> Path:
        """Return a file of a recording that can be played. `file` is empty for the first. Raises `PartylineError`."""
        folder = self.find(recording)
        entry = entry_of(folder)
        files = [known.file for known in entry.files] if entry is not None else []
        if not files or (file and file not in files):
            raise PartylineError(
                f"{recording} has no file {file[:80]!r} to play." if file else f"{recording} has no file to play.",
                f"It has: {', '.join(files)}." if files else f"Try: `partyline record repair {folder}`.",
                code="recorder.no-file",
            )
        return folder / (file or files[0])


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    lock = locked(folder)
    try:
        yield
    finally:
        lock.release()


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        return folder.stat().st_mtime_ns, (folder / INDEX).stat().st_mtime_ns
    except OSError:
        return None
