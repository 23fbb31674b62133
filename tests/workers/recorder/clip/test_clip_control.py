"""The clip memory from the request to the files, beside a recording of the same time."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import MIX_PLANE, RECORD_PEER
from common.requests import KeepClip, SaveClip, StartRecording, StopRecording
from common.run.wake import Wake
from tests.contract.rules import refusal
from tests.support.made import BO, CLEO, party
from tests.support.waiting import until
from tests.workers.recorder.clip.made_clips import made_cut
from tests.workers.recorder.rig import Plane, counting, decoded, heard, sound
from workers.recorder.clip import clip_control, clip_folder
from workers.recorder.clip.clip_control import FAULT, SAVED_LATE, UNSAVED
from workers.recorder.clip.clip_keeper import ClipKeeper
from workers.recorder.worker import Recorder


@pytest.fixture
async def recorder(home: Path, tmp_path: Path) -> AsyncIterator[Recorder]:
    environ = {"PARTYLINE_RECORDER__FOLDER": str(tmp_path / "recordings"), "PARTYLINE_CLIP__VIDEO": "false"}
    environ["PARTYLINE_RECORDER__KEEP_FREE_MB"] = "1"
    made = Recorder(Paths(home), load(Paths(home), environ))
    await made.bus.start()
    made._clips.setup()
    yield made
    await made.stop()
    await made.bus.close()


async def refused(recorder: Recorder, code: str) -> PartylineError:
    with pytest.raises(PartylineError) as raised:
        await recorder._requests._serve_save_clip(SaveClip())
    refusal(raised.value)
    assert raised.value.code == code
    return raised.value


async def test_nothing_is_kept_until_somebody_asks_and_nobodys_silence_is_a_clip(recorder: Recorder) -> None:
    assert recorder._clips.publish().seconds == 0
    await refused(recorder, "recorder.clip-off")
    assert (await recorder._requests._serve_keep_clip(KeepClip(seconds=30))).seconds == 30
    await refused(recorder, "recorder.clip-silent")
    again = Recorder(recorder.paths, recorder.settings)
    again._clips.setup()
    assert again._clips.publish().seconds == 30
    again._clips._keeper.stop()
    await again.bus.close()
    assert (await recorder._requests._serve_keep_clip(KeepClip(seconds=0))).seconds == 0
    await refused(recorder, "recorder.clip-off")


@pytest.mark.realtime
async def test_a_clip_is_in_step_with_the_recording_of_the_same_time(recorder: Recorder) -> None:
    """All say the number of the tick: the distance of any two places must be the same in each file."""
    run = recorder.paths.run
    recorder._clips.on_party(party())
    recorder._control.on_party(party())
    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    with Plane(run, counting([BO.peer, CLEO.peer])) as plane, Plane(run, counting([RECORD_PEER]), MIX_PLANE):
        recording = Path((await recorder._requests._serve_start(StartRecording(name="x"))).folder)
        await until(lambda: plane.ticks > 250, "2.5 s were said")
        clip = Path((await recorder._requests._serve_save_clip(SaveClip(seconds=1))).folder)
        await until(lambda: plane.ticks > 350, "1 s more was said")
        second = Path((await recorder._requests._serve_save_clip(SaveClip(seconds=2))).folder)
        async with asyncio.timeout(20):
            await recorder._requests._serve_stop(StopRecording())
    distances = set()
    for file in ("Bo-Streams.flac", "Cleo_99.flac", "mix.flac"):
        whole, first, later = (heard(decoded(folder / file)) for folder in (recording, clip, second))
        assert set(first) & set(later), "two in a row overlap"
        distances |= {("clip", whole[said] - first[said]) for said in set(whole) & set(first)}
        distances |= {("second", whole[said] - later[said]) for said in set(whole) & set(later)}
    assert len(distances) == 2, distances
    labels = (recording / "labels.txt").read_text()
    assert f"clip saved: {clip.name}" in labels
    assert f"clip saved: {second.name}" in labels
    index = msgspec.json.decode((clip / "session.json").read_bytes())
    assert index["gaps"] == []
    assert 1.0 <= index["seconds"] < 1.1


async def test_a_full_disk_is_told_and_the_clip_is_saved_when_there_is_room(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    monkeypatch.setattr(ClipKeeper, "cut", lambda _self, _seconds, answer: answer(made_cut()))
    with monkeypatch.context() as patched:
        patched.setattr(clip_folder, "_write_tracks", full)
        assert "the disk is full" in (await refused(recorder, UNSAVED)).message
        assert recorder._problems.is_open(UNSAVED)
        assert recorder._clips.publish().waiting == 1
        recorder._clips.poll()
        assert recorder._clips.publish().waiting == 1
    monkeypatch.setattr(recorder._clips._held, "_tried_s", -1e9)
    recorder._clips.poll()
    await until(lambda: recorder._clips.publish().waiting == 0, "it is saved")
    shown = recorder._clips.publish()
    await until(lambda: not recorder._problems.is_open(UNSAVED), "all is well")
    assert recorder._problems.is_open(SAVED_LATE)
    assert (Path(shown.folder) / "Bo-Streams.flac").exists()


async def test_a_disk_that_stands_still_gets_the_clip_when_it_goes_on(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, write = threading.Event(), clip_control.write_clip

    def slow(*arguments: Any) -> Any:
        goes_on.wait(20)
        return write(*arguments)

    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    monkeypatch.setattr(ClipKeeper, "cut", lambda _self, _seconds, answer: answer(made_cut()))
    monkeypatch.setattr(clip_control, "write_clip", slow)
    monkeypatch.setattr(clip_control, "WRITE_S", 0.05)
    await refused(recorder, "recorder.disk-slow")
    recorder._clips.poll()
    goes_on.set()
    await until(lambda: recorder._clips.publish().folder, "it is saved")
    assert (Path(recorder._clips.publish().folder) / "Bo-Streams.flac").exists()


async def test_its_copies_follow_and_are_made_by_the_next_run_if_this_one_ends(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    monkeypatch.setattr(ClipKeeper, "cut", lambda _self, _seconds, answer: answer(made_cut()))
    killed = partial(asyncio.sleep, 0)
    with monkeypatch.context() as patched:
        patched.setattr(recorder._clips, "finish", lambda _folder: killed())
        folder = Path((await recorder._requests._serve_save_clip(SaveClip())).folder)
    assert recorder._library.unfinished_clips() == [folder]
    await recorder._finish_clips()
    assert recorder._library.unfinished_clips() == []
    assert (folder / "clip.m4a").exists()
    assert [entry.files[0].file for entry in recorder._library._library.scan().recordings] == ["clip.m4a"]


async def test_the_next_clip_does_not_wait_for_the_copies_of_the_last(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, goes_on = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        made.set()
        goes_on.wait(20)

    monkeypatch.setattr(clip_control, "repair", slow)
    monkeypatch.setattr(ClipKeeper, "cut", lambda _self, _seconds, answer: answer(made_cut()))
    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    first = await recorder._requests._serve_save_clip(SaveClip())
    assert await asyncio.to_thread(made.wait, 20)
    second = await recorder._requests._serve_save_clip(SaveClip())
    goes_on.set()
    assert first.folder != second.folder


async def test_a_sleep_is_marked_and_a_thread_that_failed_is_told(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    keeper: Any = recorder._clips._keeper
    with Plane(recorder.paths.run, lambda _: {BO.peer: sound(5)}) as plane:
        await until(lambda: plane.ticks > 50, "it is heard")
        recorder.on_wake(Wake(away_s=61.0, slept=True))
        await until(lambda: plane.ticks > 100, "it is heard again")
        folder = Path((await recorder._requests._serve_save_clip(SaveClip())).folder)
    assert "the computer slept here for 61 s" in (folder / "labels.txt").read_text()
    keeper.fault = RuntimeError("no sockets left")
    recorder._clips.poll()
    assert recorder._problems.is_open(FAULT)
    assert recorder._clips.publish().seconds == 0
    keeper.stop()
    monkeypatch.setattr(clip_control, "CUT_S", 0.05)
    await recorder._requests._serve_keep_clip(KeepClip(seconds=30))
    assert not recorder._problems.is_open(FAULT)
    monkeypatch.setattr(ClipKeeper, "cut", lambda *_: None)
    await refused(recorder, FAULT)
