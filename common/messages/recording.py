"""Messages about the recording."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message


class RecordedTalker(msgspec.Struct, frozen=True, kw_only=True):
    """One track of a recording: all sound of one account from any console, with silence in the gaps."""

    account_id: str
    online_id: str = ""
    file: str
    """Unique name in the recording's folder, e.g. ``Bo-Streams.flac``, of letters, digits, `-` and `_`."""


class Recording(Message, frozen=True, kw_only=True):
    """recorder → dashboard, cli, once a second and at each change. `session.json` in the folder tells the rest."""

    TOPIC: ClassVar[str] = "recording"
    RETAINED: ClassVar[bool] = True
    state: Literal["idle", "recording", "stopped"]
    """`stopped` means that it ended by itself for the reason in `detail`. The folder's recording is still complete."""
    folder: str = ""
    """Path of the current or last recording."""
    started_at: float = 0.0
    """Unix seconds of the first sample of every file."""
    seconds: float = 0.0
    """Length so far."""
    size_bytes: int = 0
    """Size of all files."""
    free_bytes: int = 0
    """Free disk space, also 0 while unknown."""
    marks: int = 0
    """Number of marks."""
    talkers: tuple[RecordedTalker, ...] = ()
    """Everybody who was connected since the start, in the order of arrival."""
    detail: str = ""
    """What is missing or why it ended, in plain words without a full stop. Empty means no fault."""
