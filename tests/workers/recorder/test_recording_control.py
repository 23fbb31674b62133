"""What is called a recording is one, and what is stopped is stopped: unsaved notes, stuck disks."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.files.unsaved import UNSAVED
from common.requests import StartRecording, StopRecording
from common.run.wake import Wake
from tests.support.mac.caffeinate import Caffeinate
from tests.support.waiting import until
from workers.recorder import memory, recording_control
from workers.recorder.record.recording_folder import RecordingFolder
from workers.recorder.recording_control import SLEPT
from workers.recorder.state import WAITING
from workers.recorder.worker import Recorder


@pytest.fixture
async def recorder(home: Path, tmp_path: Path) -> AsyncIterator[Recorder]:
    """A recorder in this process, without a bus to speak of; its recordings lie on another disk than its home."""
    made = Recorder(Paths(home), load(Paths(home), {"PARTYLINE_RECORDER__FOLDER": str(tmp_path / "recordings")}))
    await made.bus.start()
    yield made
    await made.bus.close()


async def test_a_mac_stays_awake_while_it_records(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caffeinate = Caffeinate(home, monkeypatch)
    folder = {"PARTYLINE_RECORDER__FOLDER": str(home / "recordings")}
    for switch, words in (("true", "held (caffeinate, process "), ("false", "")):
        settings = load(Paths(home), {**folder, "PARTYLINE_SYSTEM__KEEP_AWAKE": switch})
        made = Recorder(Paths(home), settings)
        await made.bus.start()
        await made._requests._serve_start(StartRecording(name="x"))
        made.beat()
        assert made.awake.facts().get("awake", "").startswith(words)
        await made._requests._serve_stop(StopRecording())
        made.beat()
        assert made.awake.facts() == {}
        await until(lambda one=made: caffeinate.has_ended(one.awake), "it ends")
        await made.bus.close()


async def test_a_recording_that_cannot_be_noted_is_recorded_and_stopped_all_the_same(recorder: Recorder) -> None:
    shutil.rmtree(recorder.paths.state)
    shown = await recorder._requests._serve_start(StartRecording(name="x"))
    assert shown.state == "recording"
    told = UNSAVED.words()
    assert told is not None
    assert "a recording runs" in told[0]
    async with asyncio.timeout(20):
        ended = await recorder._requests._serve_stop(StopRecording())
    assert ended.state == "idle"
    index = msgspec.json.decode((Path(shown.folder) / "session.json").read_bytes())
    assert index["state"] == "finished"
    recorder.paths.state.mkdir()
    UNSAVED.retry()
    assert UNSAVED.words() is None
    assert list(recorder.paths.state.iterdir()) == []


async def test_a_stop_does_not_wait_for_a_disk_that_is_stuck_and_is_finished_when_it_goes_on(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_control, "FINISH_S", 0.2)
    goes_on, stuck = threading.Event(), threading.Event()
    sync = RecordingFolder.sync

    def stands_still(recording: RecordingFolder) -> None:
        stuck.set()
        goes_on.wait()
        sync(recording)

    monkeypatch.setattr(RecordingFolder, "sync", stands_still)
    await recorder._requests._serve_start(StartRecording(name="x"))
    running = recorder._control.current()
    assert await asyncio.to_thread(stuck.wait, 20)
    with pytest.raises(PartylineError, match="does not take the rest"):
        await recorder._requests._serve_stop(StopRecording())
    await recorder._control.poll()
    assert (recorder._control.publish().state, recorder._control.publish().detail) == ("stopped", WAITING)
    goes_on.set()

    async def ended() -> bool:
        await recorder._control.poll()
        return recorder._control.running is None

    await until(ended, "the recording ends", every_s=0.02)
    assert recorder._control.publish().state == "idle"
    assert msgspec.json.decode((running.folder / "session.json").read_bytes())["state"] == "finished"


async def test_that_a_recording_runs_is_saved_again_and_again(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = recorder.paths.state / "recorder.json"
    await recorder._requests._serve_start(StartRecording(name="x"))
    first = file.read_bytes()
    await recorder._control.poll()
    assert file.read_bytes() == first
    monkeypatch.setattr(memory, "SAVE_S", 0.0)
    await recorder._control.poll()
    before, after = (msgspec.json.decode(saved, type=memory.SavedRecording) for saved in (first, file.read_bytes()))
    assert before.at is not None
    assert after.at is not None
    assert after.at.boot_s > before.at.boot_s
    async with asyncio.timeout(20):
        await recorder._requests._serve_stop(StopRecording())
    await recorder._control.poll()
    assert not file.exists()


@pytest.mark.parametrize("clock_set_s", [0.0, 7200.0, -7200.0])
async def test_what_a_stopped_recorder_left_is_resumed_by_the_next_one(recorder: Recorder, clock_set_s: float) -> None:
    folder = (await recorder._requests._serve_start(StartRecording(name="x"))).folder
    await recorder.stop()
    for file in Path(folder).iterdir():  # as the clock was set meanwhile, they look older, or are of the future
        changed = file.stat().st_mtime
        os.utime(file, (changed, changed - clock_set_s))
    assert recorder._control.publish().detail == "The recorder was stopped"
    again = Recorder(recorder.paths, recorder.settings)
    await again._resume_or_repair()
    shown = again._control.publish()
    assert (shown.state, shown.folder) == ("recording", folder)
    assert again._problems.is_open("recorder.resumed")
    async with asyncio.timeout(20):
        ended = await again._requests._serve_stop(StopRecording())
    assert (ended.state, ended.folder) == ("idle", folder)
    assert not again._problems.is_open("recorder.resumed")
    assert list(recorder.paths.state.iterdir()) == []
    await again.bus.close()


async def test_a_sleep_is_marked_in_the_recording_and_told(recorder: Recorder) -> None:
    recorder.on_wake(Wake(480.0, slept=True))
    assert recorder.problem_count(SLEPT) == 0, "nothing is recorded"
    shown = await recorder._requests._serve_start(StartRecording(name="x"))
    recorder.on_wake(Wake(480.0, slept=False))
    assert recorder.problem_count(SLEPT) == 0, "its clock ran on, so the gap is in the files"
    recorder.on_wake(Wake(480.0, slept=True))
    assert recorder.problem_count(SLEPT) == 1
    async with asyncio.timeout(20):
        await recorder._requests._serve_stop(StopRecording())
    index = msgspec.json.decode((Path(shown.folder) / "session.json").read_bytes())
    assert ["slept here for 480 s" in mark["text"] for mark in index["marks"]] == [True]
    assert not recorder._problems.is_open(SLEPT)
