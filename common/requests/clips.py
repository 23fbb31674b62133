"""The clip memory."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from common.basic.values import ClipSeconds
from common.messages import ClipState
from common.requests.base import Request


class SavedClip(msgspec.Struct, frozen=True, kw_only=True):
    """A clip on the disk. A copy to share (`clip.m4a`, `clip.mp4`) follows within seconds."""

    folder: str
    seconds: float
    talkers: int
    """Talkers who were heard."""
    size_bytes: int


class SaveClip(Request[SavedClip], frozen=True, kw_only=True):
    """cli, dashboard → recorder: save the last seconds; answered when the FLAC files are on the disk.

    Refused while nothing is kept, if nobody was heard, and on a full disk, which gets the clip later.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = SavedClip
    seconds: ClipSeconds = 0
    """0 means all that is kept."""


class KeepClip(Request[ClipState], frozen=True, kw_only=True):
    """cli, dashboard → recorder: keep the last seconds in memory from now on, also after a restart."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = ClipState
    seconds: ClipSeconds
    """0 switches it off and forgets what is kept."""
