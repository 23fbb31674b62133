"""The recorder as a process: asked over the bus, killed, starved of its disk, restarted."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from common.bus import Bus
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Member, PartyState, Problem, Recording
from common.requests import StartRecording, StopRecording
from tests.support.made import BO, CLEO, ME
from tests.support.processes import COLD, Process, run_module
from tests.support.waiting import eventually, until
from tests.workers.recorder.rig import Plane, Start, asked, counting, decoded, heard, mounted, recorded_for, sound

EVERY_S = 0.05


@pytest.fixture
def broker(home: Path, start: Start) -> Process:
    return start("workers.broker", home)


@asynccontextmanager
async def in_a_party(home: Path, *members: Member) -> AsyncIterator[Bus]:
    """A bus on which session has told who is in the party."""
    bus = Bus("session", Paths(home).run)
    await bus.start()
    try:
        bus.publish(PartyState(phase="joined", name="Friday raid", me=ME.peer, members=(ME, *members)))
        yield bus
    finally:
        await bus.close()


async def shown(bus: Bus, wanted: Callable[[Recording], object]) -> Recording:
    """Wait for a `Recording` on the bus of which `wanted` is true."""

    async def found() -> Recording | None:
        there = (await asked(bus, Recording)).values()
        return next((one for one in there if isinstance(one, Recording) and wanted(one)), None)

    return await until(found, "such a recording is shown", every_s=EVERY_S)


async def open_problem(bus: Bus, code: str) -> Problem | None:
    return next((m for m in (await asked(bus, Problem)).values() if isinstance(m, Problem) and m.code == code), None)


async def problem(bus: Bus, code: str) -> Problem:
    return await until(partial(open_problem, bus, code), f"the problem {code} is published", every_s=EVERY_S)


async def until_solved(bus: Bus, code: str) -> None:
    async def solved() -> bool:
        return await open_problem(bus, code) is None

    await until(solved, f"the problem {code} is cleared", every_s=EVERY_S)


def index(folder: Path) -> dict:
    return json.loads((folder / "session.json").read_text())


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_module("cli", *words, env={"PARTYLINE_HOME": str(home), "PATH": "/usr/bin:/bin"}, within_s=60)


async def test_a_recording_from_start_to_stop(home: Path, start: Start, broker: Process) -> None:
    start("workers.recorder", home)
    paths = Paths(home)
    talkers = counting([BO.peer, CLEO.peer])
    with Plane(paths.run, talkers), Plane(paths.run, lambda _: {"record": sound(9)}, "audio-mix"):
        async with in_a_party(home, BO, CLEO) as bus:
            await shown(bus, lambda found: found.state == "idle")
            began = await bus.request(StartRecording(name="Friday raid"))
            folder = Path(began.folder)
            assert folder.parent == paths.recordings
            assert folder.name.endswith("-Friday-raid")
            with pytest.raises(PartylineError, match="running already"):
                await bus.request(StartRecording())
            found = await shown(bus, lambda found: len(found.talkers) == 2 and found.seconds > 1)
            assert {talker.file for talker in found.talkers} == {"Bo-Streams.flac", "Cleo_99.flac"}
            assert found.free_bytes > 0
            marked = run(home, "record", "mark", "first", "blood")
            assert (marked.returncode, marked.stderr) == (0, "")
            assert marked.stdout.startswith("Mark 1 was set at ")
            assert "Record   2 talkers for " in run(home, "status").stdout
            refused = run(home, "record", "repair", str(folder))
            assert refused.returncode == 1
            assert "is being recorded" in refused.stderr
            stopped = run(home, "record", "stop")
            assert stopped.stdout.startswith("Recorded ")
            last = await shown(bus, lambda found: found.state == "idle")
            assert (last.folder, last.marks) == (str(folder), 1)
            with pytest.raises(PartylineError, match="Nothing is being recorded"):
                await bus.request(StopRecording())
    said = {file: decoded(folder / file) for file in ("Bo-Streams.flac", "Cleo_99.flac", "mix.flac")}
    assert len({len(samples) for samples in said.values()}) == 1
    bo, cleo = heard(said["Bo-Streams.flac"]), heard(said["Cleo_99.flac"])
    both = bo.keys() & cleo.keys()  # the end may lie between the last frames of the two
    assert {n: bo[n] for n in both} == {n: cleo[n] for n in both}
    assert len(both) > 100
    assert len(bo.keys() ^ cleo.keys()) <= 1
    assert np.count_nonzero(said["mix.flac"] == 9) > 48_000
    for file in said:
        subprocess.run(["flac", "-t", "-w", "-s", str(folder / file)], check=True)
    told = index(folder)
    assert (told["state"], told["party"], told["mix"], told["gaps"]) == ("finished", "Friday raid", "mix.flac", [])
    assert told["seconds"] == pytest.approx(last.seconds, abs=0.2)
    assert [talker["online_id"] for talker in told["talkers"]] == ["Bo-Streams", "Cleo_99"]  # and not we ourselves
    at, _, text = (folder / "labels.txt").read_text().rstrip("\n").split("\t")
    assert text == "first blood"
    assert 0 < float(at) < told["seconds"]
    assert "Bo-Streams" in (folder / "speech.txt").read_text()
    assert not list(folder.glob(".*"))


@pytest.mark.realtime
async def test_kill_9_keeps_what_was_recorded_and_repair_finishes_it(home: Path, start: Start, broker: Process) -> None:
    recorder = start("workers.recorder", home)
    speaking = counting([BO.peer, CLEO.peer])
    with Plane(
        Paths(home).run, lambda tick: {**speaking(tick), **({} if tick < 150 else {"4.PS5": sound(4)})}
    ) as plane:
        async with in_a_party(home, BO, CLEO) as bus:
            folder = Path((await bus.request(StartRecording(), 30)).folder)
            await until(lambda: (folder / "4.flac").exists() and index(folder)["seconds"] > 2, "it records")
            recorder.kill()
            ticks = plane.ticks
    lying = {file.name: decoded(file, whole=False) for file in folder.glob("*.flac")}
    assert set(lying) == {"Bo-Streams.flac", "Cleo_99.flac", "4.flac"}
    assert ticks % 30_000 - max(heard(lying["Bo-Streams.flac"])) < 100  # up to the last second
    assert index(folder)["state"] == "recording"
    again = run(home, "record", "repair", str(folder))
    assert (again.returncode, again.stderr) == (0, "")
    told = index(folder)
    assert told["state"] == "finished"
    assert "interrupted" in told["ended"]
    for name, before in lying.items():
        subprocess.run(["flac", "-t", "-w", "-s", str(folder / name)], check=True)
        samples = decoded(folder / name)
        assert len(samples) == round(told["seconds"] * 48_000)
        common = min(len(before), len(samples))
        assert np.array_equal(samples[:common], before[:common])
    once_more = json.loads(run(home, "record", "repair", "--json", str(folder)).stdout)
    assert all(not file["added_s"] and not file["cut_bytes"] and not file["fault"] for file in once_more["files"])


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_a_restarted_recorder_goes_on_in_the_same_files(
    home: Path, start: Start, broker: Process, how: str
) -> None:
    recorder = start("workers.recorder", home)
    with Plane(Paths(home).run, counting([BO.peer])):
        async with in_a_party(home, BO) as bus:
            folder = Path((await bus.request(StartRecording(), 30)).folder)
            await asyncio.to_thread(recorded_for, folder, "Bo-Streams.flac", 1.0)
            getattr(recorder, how)()
            before = decoded(folder / "Bo-Streams.flac", whole=False)
            start("workers.recorder", home)
            await problem(bus, "recorder.resumed")
            await shown(bus, lambda found: found.state == "recording" and found.folder == str(folder))
            await asyncio.to_thread(recorded_for, folder, "Bo-Streams.flac", len(before) / 48_000 + 1.0)
            await bus.request(StopRecording(), 30)
            await until_solved(bus, "recorder.resumed")
    samples = decoded(folder / "Bo-Streams.flac")
    found = heard(samples)
    assert len({begin - number * 480 for number, begin in found.items()}) == 1  # before and after: all at its time
    told = index(folder)
    (gap,) = [gap for gap in told["gaps"] if gap["who"] == "everybody"]
    assert gap["why"] == "the recorder was restarted"
    begin, end = round(gap["start"] * 48_000), round(gap["end"] * 48_000)
    assert not samples[begin:end].any()
    assert samples[:begin].any() and samples[end:].any()


async def test_a_recording_that_somebody_else_left_is_finished_and_not_continued(
    home: Path, start: Start, broker: Process
) -> None:
    recorder = start("workers.recorder", home)
    with Plane(Paths(home).run, counting([BO.peer])):
        async with in_a_party(home, BO) as bus:
            folder = Path((await bus.request(StartRecording(), 30)).folder)
            await asyncio.to_thread(recorded_for, folder, "Bo-Streams.flac", 0.5)
            recorder.kill()
            note = Paths(home).state / "recorder.json"
            note.write_text(json.dumps({**json.loads(note.read_text()), "parent": 1}))  # as after a new start of it all
            start("workers.recorder", home)
            assert str(folder) in (await problem(bus, "recorder.repaired")).remedy
    assert index(folder)["state"] == "finished"
    subprocess.run(["flac", "-t", "-w", "-s", str(folder / "Bo-Streams.flac")], check=True)
    assert not note.exists()


def noisy(peers: int) -> Callable[[int], dict[str, bytes]]:
    """Noise, which no encoder makes smaller."""
    noise = np.random.default_rng(2).integers(-32768, 32767, (64, 480), np.int16)
    return lambda tick: {f"{100 + peer}.PS5": noise[(tick + peer * 7) % 64].tobytes() for peer in range(peers)}


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file of processes started meanwhile grow beyond `size` bytes: to them the disk is full there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_ends_the_recording_and_nothing_else(home: Path, start: Start, broker: Process) -> None:
    with at_most(500_000):
        recorder = start("workers.recorder", home, COLD)  # as a child of ours it is bound by that
    with Plane(Paths(home).run, noisy(3)) as plane:
        async with in_a_party(home) as bus:
            await bus.request(StartRecording(), 30)
            told = await problem(bus, "recorder.disk-full")
            assert "[recorder] folder" in told.remedy
            found = await shown(bus, lambda found: found.state == "stopped")
            assert found.detail == "The disk is full"
            ticks = plane.ticks
            eventually(lambda: plane.ticks > ticks + 50, "the audio goes on")
            assert recorder.popen.poll() is None
    folder = Path(found.folder)
    lengths = set()
    for file in folder.glob("*.flac"):
        samples = decoded(file)
        lengths.add(len(samples) // 4608)
        assert np.count_nonzero(samples) > 100_000
    assert max(lengths) - min(lengths) <= 1  # it ended within one block; a disk with a little room left makes it none
    assert index(folder)["state"] == "finished"
    assert index(folder)["ended"] == "the disk is full"


async def test_it_warns_of_a_disk_that_gets_full_and_ends_before_it_is(
    home: Path, start: Start, broker: Process, tmp_path: Path
) -> None:
    settings = {"PARTYLINE_RECORDER__FOLDER": str(tmp_path), "PARTYLINE_RECORDER__KEEP_FREE_MB": "4"}
    with mounted(tmp_path, "9m"), Plane(Paths(home).run, noisy(6)):
        recorder = start("workers.recorder", home, settings)
        async with in_a_party(home) as bus:
            folder = Path((await bus.request(StartRecording(), 30)).folder)
            assert "more minutes" in (await problem(bus, "recorder.disk-low")).message
            found = await shown(bus, lambda found: found.state == "stopped")
            assert found.detail == "The disk is nearly full"
            assert 0 < found.free_bytes < 5_000_000
            await problem(bus, "recorder.disk-full")
            with pytest.raises(PartylineError, match="have to stay free"):
                await bus.request(StartRecording(), 30)
            assert [path.name for path in tmp_path.iterdir()] == [folder.name]
        for file in folder.glob("*.flac"):
            subprocess.run(["flac", "-t", "-w", "-s", str(file)], check=True)
        assert index(folder)["ended"] == "the disk is nearly full"
        recorder.end()
