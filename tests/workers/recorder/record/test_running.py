"""A running recording whose threads are not started: what they do is made up."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from common.errors import PartylineError
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.recording_states import RecordingState
from workers.recorder.record.running import RecordingSetup, RunningRecording
from workers.recorder.state import NO_MIX, WAITING, ended_state, running_state


@pytest.fixture
def running(tmp_path: Path) -> RunningRecording:
    return RunningRecording.create(tmp_path, "x", RecordingSetup(tmp_path, DiskBudget(0, 0), speech=True))


async def test_a_stop_waits_until_all_is_written(running: RunningRecording) -> None:
    assert running.poll() is RecordingState.RECORDING
    stop = asyncio.create_task(running.stop("the disk is nearly full"))
    await asyncio.sleep(0)
    assert running.poll() is RecordingState.FINISHING
    shown = running_state(running)
    assert (shown.state, shown.detail) == ("stopped", WAITING)
    running.writer.done.set()
    await asyncio.wait_for(stop, 20)
    assert running.poll() is RecordingState.FINISHED
    assert running.end_reason == "the disk is nearly full"
    ended = ended_state(running, running.end_reason)
    assert (ended.state, ended.detail) == ("stopped", "The disk is nearly full")
    assert ended_state(running, "").state == "idle"


async def test_the_length_stands_still_from_the_stop_on(running: RunningRecording) -> None:
    running.writer.done.set()
    await asyncio.wait_for(running.stop(), 20)
    assert running.seconds() == running.seconds()


async def test_a_recording_whose_writing_failed_runs_until_its_stop(running: RunningRecording) -> None:
    running.writer.fault = OSError(errno.EIO, "Input/output error")
    assert running.poll() is RecordingState.FAILED
    assert running_state(running).state == "recording"
    running.writer.done.set()
    assert running.poll() is RecordingState.FAILED
    await asyncio.wait_for(running.stop("it failed"), 20)
    assert running.poll() is RecordingState.FINISHED


async def test_a_stop_does_not_wait_for_threads_that_crashed(running: RunningRecording) -> None:
    running.assembler.fault = ZeroDivisionError()
    await asyncio.wait_for(running.stop(), 20)
    assert running.poll() is RecordingState.CRASHED


def test_a_missing_mix_is_reported_once_it_is_due(running: RunningRecording, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running_state(running).detail == ""
    monkeypatch.setattr(RunningRecording, "seconds", lambda _: 10.0)
    assert running_state(running).detail == NO_MIX


def test_a_disk_without_room_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(PartylineError, match="have to stay free"):
        RunningRecording.create(tmp_path, "x", RecordingSetup(tmp_path, DiskBudget(1 << 62, 0), speech=True))
    assert list(tmp_path.iterdir()) == []
