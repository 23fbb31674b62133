"""What is being recorded."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message


class RecordedTalker(msgspec.Struct, frozen=True, kw_only=True):
    """One stem of a recording: all that came from one account, whatever its console, silence where nothing came."""

    account_id: str
    online_id: str = ""
    file: str
    """Name within the recording's folder, e.g. ``Bo-Streams.flac``; unique, of letters, digits, `-` and `_`."""


class Recording(Message, frozen=True, kw_only=True):
    """recorder → dashboard, cli, once a second and at each change. `session.json` in the folder tells the rest."""

    TOPIC: ClassVar[str] = "recording"
    RETAINED: ClassVar[bool] = True
    state: Literal["idle", "recording", "stopped"]
    """`stopped`: it ended by itself, and `detail` says why; the folder holds a finished recording all the same."""
    folder: str = ""
    """Path of the present or the last recording."""
    started_at: float = 0.0
    """Unix seconds of the first sample of every file."""
    seconds: float = 0.0
    """Length so far."""
    size_bytes: int = 0
    """Of all files together."""
    free_bytes: int = 0
    """Left on the disk; 0 also while it is not known yet."""
    marks: int = 0
    """How many there are."""
    talkers: tuple[RecordedTalker, ...] = ()
    """Whose files there are: who was connected once since the start, in the order in which they came."""
    detail: str = ""
    """What is missing or why it ended, in plain words, no full stop; empty: all is well."""
