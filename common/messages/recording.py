"""What is being recorded."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message


class RecordedTalker(msgspec.Struct, frozen=True, kw_only=True):
    """One stem of a recording."""

    account_id: str
    online_id: str = ""
    file: str
    """Name within the recording's folder."""


class Recording(Message, frozen=True, kw_only=True):
    """recorder → everybody, once a second while it records and at each change."""

    TOPIC: ClassVar[str] = "recording"
    RETAINED: ClassVar[bool] = True
    state: Literal["idle", "recording", "stopped"]
    """`stopped`: it ended by itself, and `detail` says why."""
    folder: str = ""
    """Path of the present or the last recording."""
    started_at: float = 0.0
    """Unix seconds."""
    seconds: float = 0.0
    """Length so far."""
    size_bytes: int = 0
    free_bytes: int = 0
    """Left on the disk."""
    marks: int = 0
    talkers: tuple[RecordedTalker, ...] = ()
    detail: str = ""
