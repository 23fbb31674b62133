"""The states of a recording, and their transition table. No I/O.

notes/recordings.md draws this table, and a test compares the two. A pair that is not in the table changes nothing.
"""

from __future__ import annotations

from enum import Enum


class RecordingState(Enum):
    RECORDING = "recording"
    """Sound is taken."""
    FAILED = "failed"
    """Writing failed. The stop is due."""
    FINISHING = "finishing"
    """No more sound is taken, and the rest is written."""
    FINISHED = "finished"
    """All that could be written is written."""
    CRASHED = "crashed"
    """The receiving thread failed. The next run of the worker resumes the recording."""


class RecordingEvent(Enum):
    STOP_REQUESTED = "a stop is requested"
    WRITE_FAILED = "writing failed"
    WRITTEN = "all is written"
    RECEIVE_FAILED = "receiving failed"


S, E = RecordingState, RecordingEvent

TABLE: dict[tuple[RecordingState, RecordingEvent], RecordingState] = {
    (S.RECORDING, E.STOP_REQUESTED): S.FINISHING,
    (S.RECORDING, E.WRITE_FAILED): S.FAILED,
    (S.RECORDING, E.RECEIVE_FAILED): S.CRASHED,
    (S.FAILED, E.STOP_REQUESTED): S.FINISHING,
    (S.FAILED, E.RECEIVE_FAILED): S.CRASHED,
    (S.FINISHING, E.WRITTEN): S.FINISHED,
    (S.FINISHING, E.RECEIVE_FAILED): S.CRASHED,
}
