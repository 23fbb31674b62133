"""The published state of the recorder, built from the running recording. No I/O."""

from __future__ import annotations

import msgspec

from common.messages import Recording
from workers.recorder.record.recording_states import RecordingState
from workers.recorder.record.running import RunningRecording

WAITING = "the disk has not taken all of it yet"
NO_MIX = "no mix is recorded, because audio publishes none"
MIX_DUE_S = 3.0
"""How long a recording may be without a mix. Chosen to be longer than a restart of audio takes."""
IDLE = Recording(state="idle")


def running_state(running: RunningRecording) -> Recording:
    """Return the state of a recording that runs or is being finished."""
    disk, seconds, state = running.writer.figures, running.seconds(), running.poll()
    detail = "" if running.index.mix or seconds < MIX_DUE_S else NO_MIX
    return Recording(
        state="recording" if state in (RecordingState.RECORDING, RecordingState.FAILED) else "stopped",
        folder=str(running.folder),
        started_at=running.index.started_at,
        seconds=round(max(0.0, seconds), 3),
        size_bytes=disk.size,
        free_bytes=max(0, disk.free),
        marks=running.index.marks,
        talkers=running.index.recorded(),
        detail=WAITING if state is RecordingState.FINISHING else detail,
    )


def ended_state(running: RunningRecording, reason: str) -> Recording:
    """Return the state after a recording, which ended by itself for `reason`, or by request if that is empty."""
    state = "stopped" if reason else "idle"
    return msgspec.structs.replace(running_state(running), state=state, detail=reason[:1].upper() + reason[1:])
