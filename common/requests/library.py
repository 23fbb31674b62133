"""The recordings on the disk. `recording` is `RecordingEntry.recording`, never a path."""

from __future__ import annotations

from typing import Any, ClassVar

from common.basic.values import ExportKind
from common.requests.base import Done, Request


class RenameRecording(Request[Done], frozen=True, kw_only=True):
    """dashboard → recorder: give a recording another name. Its folder keeps the date. Refused while it is recorded."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Done
    recording: str
    """Name of its folder, as the topic `recordings` has it."""
    name: str
    """Letters, digits, `-` and `_` of it become the end of the folder's name. Empty takes the name away."""


class DeleteRecording(Request[Done], frozen=True, kw_only=True):
    """dashboard → recorder: move a recording to the trash. Refused while it is recorded, and without a trash."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Done
    recording: str
    """Name of its folder, as the topic `recordings` has it."""


class RevealRecording(Request[Done], frozen=True, kw_only=True):
    """dashboard → recorder: show a recording's folder in the desktop's file manager, on the recorder's machine."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Done
    recording: str
    """Name of its folder, as the topic `recordings` has it."""


class ExportRecording(Request[Done], frozen=True, kw_only=True):
    """dashboard → recorder: write another format into the recording's folder. Refused while it is recorded."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Done
    recording: str
    """Name of its folder, as the topic `recordings` has it."""
    kind: ExportKind
