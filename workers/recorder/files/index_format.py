"""`session.json`, the index of a recording, as it is on the disk. No I/O."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from common.messages import SAMPLE_RATE

MOST_S = 366 * 86400.0
"""An index that claims a longer recording is invalid."""
SOUNDS = (".flac",)
COPIES = (".m4a", ".mp4", ".opus")
_PLAIN = re.compile(r"[^/\\\0]+")
MOST_STARTED = 253402300800.0
"""Unix seconds of the year 10000, from which on `datetime` has no dates."""


class Span(msgspec.Struct, kw_only=True):
    """A time span in seconds since the start of the recording. `end` is null while it lasts."""

    start: float
    end: float | None = None


class IndexTalker(msgspec.Struct, kw_only=True):
    """One account. `file` is empty until sound comes from it, i.e. while its connection was never up."""

    account_id: str
    online_id: str = ""
    platforms: list[str] = []
    file: str = ""
    present: list[Span] = []
    """When it was in the party."""


class Mark(msgspec.Struct, kw_only=True):
    at: float
    clock: float
    """Unix seconds."""
    text: str = ""


class IndexGap(msgspec.Struct, kw_only=True):
    """Silence where sound was lost. `who`: an account id, ``mix``, or ``everybody``."""

    who: str
    start: float
    end: float
    why: str


class IndexFile(msgspec.Struct, kw_only=True):
    """`session.json`. It has names and account ids, and no credentials."""

    FORMAT: ClassVar[int] = 1
    format: int = FORMAT
    state: Literal["recording", "finished"] = "recording"
    ended: str = ""
    """Why it ended, in plain words. Empty if it was stopped."""
    name: str = ""
    party: str = ""
    """The party's name at the start."""
    started_at: float
    """Unix seconds of sample 0."""
    seconds: float = 0.0
    sample_rate: int = SAMPLE_RATE
    kind: Literal["recording", "clip"] = "recording"
    mix: str = ""
    """File of the mix, aligned with the talkers. Empty if audio sent none."""
    talkers: list[IndexTalker] = []
    marks: list[Mark] = []
    gaps: list[IndexGap] = []
    copies: list[str] = []
    """Files to share that were made of a clip: `clip.m4a`, `clip.mp4`."""
    copy_fault: str = ""
    """Why there is none, in plain words."""
    versions: dict[str, str] = {}


def load(data: bytes) -> IndexFile:
    """Read `session.json`. Raises `msgspec.DecodeError` or `ValueError`, also for files outside the folder."""
    session = msgspec.json.decode(data, type=IndexFile)
    if session.format > IndexFile.FORMAT:
        raise ValueError("a newer version of partyline wrote it")
    sounds = filter(None, [session.mix, *(talker.file for talker in session.talkers)])
    named = [*((file, SOUNDS) for file in sounds), *((file, COPIES) for file in session.copies)]
    for file, endings in named:
        if not _PLAIN.fullmatch(file) or not file.endswith(endings):
            raise ValueError(f"it names a file that does not belong to a recording: {file!r}")
    if not (0 <= session.seconds < MOST_S and 0 <= session.started_at < MOST_STARTED):
        raise ValueError(f"no recording lasts {session.seconds:g} s from {session.started_at:g} on")
    return session


def label(start: float, end: float, text: str) -> str:
    """Return one line of an Audacity label file: seconds, tab, seconds, tab, text."""
    return f"{start:.6f}\t{end:.6f}\t{text}\n"
