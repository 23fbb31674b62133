"""Messages about the clip memory and the recordings on the disk."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.messages.base import Message


class ClipState(Message, frozen=True, kw_only=True):
    """recorder → dashboard, cli, at its start and at each change: how much of the last minutes is in memory."""

    TOPIC: ClassVar[str] = "clip"
    RETAINED: ClassVar[bool] = True
    seconds: int = 0
    """How much is to be kept. 0 means that nothing is."""
    kept_s: float = 0.0
    """How much is kept by now, in seconds. It grows after the start, in steps of 5 s."""
    memory_bytes: int = 0
    """What that takes, in steps of 1 MB."""
    waiting: int = 0
    """Clips that the disk did not take. They stay in memory and are tried again."""
    folder: str = ""
    """Path of the last clip since the start of the recorder."""


class RecordedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a recording that can be played."""

    file: str
    """Name in the recording's folder."""
    title: str
    """The talker's online id, `mix`, or the file's name."""


class RecordingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One finished, running or interrupted recording or clip."""

    recording: str
    """Name of its folder. By it the requests name the recording."""
    name: str = ""
    """What its user called it."""
    kind: Literal["recording", "clip"] = "recording"
    state: Literal["finished", "recording", "interrupted", "newer"] = "finished"
    """`interrupted` ones can be repaired. `newer`: another version of partyline wrote it."""
    party: str = ""
    started_at: float = 0.0
    """Unix seconds."""
    seconds: float = 0.0
    size_bytes: int = 0
    """Size of all files in the folder. Both are 0 while it is recorded: `Recording` tells them then."""
    marks: int = 0
    files: tuple[RecordedFile, ...] = ()
    """The mix, a ready copy and the talkers, as far as they exist."""


class RecordingList(Message, frozen=True, kw_only=True):
    """recorder → dashboard, cli, at its start and when recordings appear, change or go."""

    TOPIC: ClassVar[str] = "recordings"
    RETAINED: ClassVar[bool] = True
    folder: str = ""
    """The folder of all recordings."""
    recordings: tuple[RecordingEntry, ...] = ()
    """The newest first."""
    more: int = 0
    """Older ones that are left out."""
