"""The recording."""

from __future__ import annotations

from typing import Any, ClassVar

from common.messages import Recording
from common.requests.base import Request


class StartRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: record from now on, into a new folder.

    Refused while it records, and on a full disk.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording
    name: str = ""
    """Suffix of the folder's name. Only letters, digits, `-` and `_` are kept."""


class StopRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: end the recording; answered when its files are finished.

    That takes half a second, and longer on a slow disk. Refused while nothing is recorded.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording


class MarkRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: add a mark at this moment. Refused while nothing is recorded."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording
    text: str = ""
    """Text of the mark, or empty for a number."""
