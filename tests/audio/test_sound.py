"""The audio worker, a real broker, a real sound server: what is published is what the sink plays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from common.bus import AudioPublisher, AudioSubscriber, Bus
from common.errors import PartylineError
from common.messages import (
    FRAME_SAMPLES,
    MIX_PLANE,
    SAMPLE_RATE,
    AudioFrame,
    Devices,
    Ducking,
    Levels,
    Member,
    MixerState,
    MixerTalker,
    PartyState,
    Problem,
    WorkerHealth,
)
from common.requests import Request, SelectDevice, SetGain, SetMaster, SetMute, SetSolo
from tests.audio.rig import LIMIT_S, Home, Talkers, Watcher, babble, end, peer, watching
from tests.correlate import best_match, windows
from tests.soundserver import Recorder, Recording, SoundServer

NO_DEVICE = "audio.audio.no-device"


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with SoundServer() as server:
        yield server


def sink_is(kind: str) -> object:
    def found(watcher: Watcher) -> bool:
        state = watcher.get(MixerState)
        return state is not None and state.sink == kind

    return found


async def plays(watcher: Watcher, kind: str = "device") -> None:
    await watcher.until(f"the {kind} sink plays", sink_is(kind))  # type: ignore[arg-type]


class Listener:
    """Hears the mix on its plane."""

    def __init__(self, run: Path) -> None:
        self._subscriber = AudioSubscriber(run, MIX_PLANE)
        self.frames: list[tuple[AudioFrame, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._subscriber.close()

    async def more(self, count: int) -> NDArray[np.int16]:
        """Return the next `count` frames' sound, from now on."""
        await self.until(lambda _: True)  # what has come meanwhile
        begin = len(self.frames)
        await self.until(lambda _: len(self.frames) >= begin + count)
        sounds = (samples or bytes(FRAME_SAMPLES * 2) for _, samples in self.frames[begin : begin + count])
        return np.frombuffer(b"".join(sounds), "<i2")

    async def until(self, found: Callable[[AudioFrame], bool]) -> bytes:
        async with asyncio.timeout(LIMIT_S):
            while True:
                self.frames.extend(await asyncio.to_thread(lambda: list(self._subscriber.receive(100))))
                if self.frames and found(self.frames[-1][0]):
                    return self.frames[-1][1]


def talker(watcher: Watcher, name: str) -> MixerTalker | None:
    state = watcher.get(MixerState)
    return next((found for found in state.talkers if found.peer == name), None) if state else None


async def recorded(recorder: Recorder, seconds: float) -> Recording:
    await asyncio.to_thread(recorder.wait_s, seconds)
    return recorder.recording()


def is_heard(spoken: NDArray[np.int16], recording: Recording) -> bool:
    """Whether the last second and a half of `recording` is `spoken`; one disturbance is forgiven."""
    return is_in(recording.samples[-SAMPLE_RATE * 3 // 2 :], spoken)


def is_in(heard: NDArray[np.float32], spoken: NDArray[Any]) -> bool:
    """Whether `heard`, in three pieces, is `spoken`; one disturbance is forgiven."""
    pieces = heard.reshape(3, -1)
    return sum(best_match(spoken, piece, SAMPLE_RATE).correlation >= 0.95 for piece in pieces) >= 2


async def test_a_lone_talker_comes_out_of_the_sink_as_he_was_for_twenty_seconds(server: SoundServer) -> None:
    spoken = babble(21.0)
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}) as talkers:
                recording = await recorded(recorder, 22.5)
            await watcher.until("he has ended", lambda w: not levels(w))
            watcher.latest.pop("audio.mixer/")
            counts = await watcher.until("all frames counted", lambda w: talker(w, peer(1)))
            health = await watcher.until("facts", lambda w: w.get(WorkerHealth, "audio"))
    pieces = windows(recording.samples, spoken, SAMPLE_RATE)
    good = sum(piece.correlation >= 0.95 for piece in pieces)
    assert len(pieces) >= 40
    # A machine so loaded that this test published late, or that the device was served late, says so itself.
    if talkers.latest_ms < 10 and health.facts["device underflows"] == "0":
        assert best_match(recording.samples, spoken, SAMPLE_RATE).correlation >= 0.95
        assert good == len(pieces)
        offsets = [piece.offset_samples for piece in pieces]
        assert np.ptp(offsets) <= SAMPLE_RATE // 1000  # the device's clock is followed, within a millisecond
        assert np.abs(np.diff(offsets)).max() <= 12  # slowly: a part in two thousand
        assert (counts.frames, counts.missing) == (2100, 0)
    assert good > len(pieces) // 2
    assert np.array_equal(recording.samples, recording.right)
    delay_ms = (recording.at_ns(pieces[0].offset_samples) - talkers.begun_ns) / 1e6
    assert 0 < delay_ms < 250


async def test_fifteen_talkers_are_all_in_the_mix(server: SoundServer) -> None:
    spoken = {peer(number): babble(4.0, seed=number, level=0.06) for number in range(15)}
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, spoken):
                recording = await recorded(recorder, 5.5)
            assert max(len(loud(seen)) for seen in watcher.seen if isinstance(seen, Levels)) == 15
    total = sum(sound.astype(np.float64) for sound in spoken.values())
    pieces = windows(recording.samples, np.asarray(total), SAMPLE_RATE)
    assert sum(piece.correlation >= 0.95 for piece in pieces) > len(pieces) // 2  # all, on a quiet machine


def levels(watcher: Watcher) -> dict[str, float]:
    latest = watcher.get(Levels)
    return loud(latest) if latest else {}


def loud(seen: Levels) -> dict[str, float]:
    return {name: level for name, level in seen.talkers.items() if level > -60}


async def test_without_a_sound_server_the_null_sink_plays_until_one_appears(server: SoundServer) -> None:
    await asyncio.to_thread(server.stop)
    spoken = babble(60.0)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            problem = await watcher.until("the problem", lambda w: w.get(Problem, NO_DEVICE))
            assert problem.remedy
            health = await watcher.until(
                "degraded", lambda w: (h := w.get(WorkerHealth, "audio")) and h.state == "degraded" and h
            )
            assert health.detail == problem.message
            with Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.until("levels in the null sink", levels)
                await asyncio.to_thread(server.start)
                with server.record() as recorder:
                    await plays(watcher)
                    await watcher.until("the problem is over", lambda w: w.get(Problem, NO_DEVICE) is None)
                    recording = await recorded(recorder, 2.5)
            log = home.log()
    assert is_heard(spoken, recording)
    assert all(line.startswith("{") for line in log.splitlines()), "native noise in the log"


@pytest.mark.parametrize("how", ["unplug", "kill", "suspend"])
async def test_a_device_that_vanishes_is_played_again_when_it_is_back(server: SoundServer, how: str) -> None:
    spoken = babble(90.0)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.until("levels", levels)
                away = {"unplug": server.unplug, "kill": server.kill, "suspend": lambda: server.suspend(True)}[how]
                await asyncio.to_thread(away)
                await plays(watcher, "null")
                await watcher.until("the problem", lambda w: w.get(Problem, NO_DEVICE))
                back = {"unplug": server.plug, "kill": server.start, "suspend": lambda: server.suspend(False)}[how]
                await asyncio.to_thread(back)
                with server.record() as recorder:
                    await plays(watcher)
                    recording = await recorded(recorder, 2.5)
                await watcher.until("the problem is over", lambda w: w.get(Problem, NO_DEVICE) is None)
    assert is_heard(spoken, recording)


def heard_from(recording: Recording, since_ns: int) -> float:
    """Return the seconds from `since_ns` to the end of the longest silence around it."""
    since = (since_ns - recording.started_ns) * SAMPLE_RATE // 1_000_000_000
    first = max(0, since - SAMPLE_RATE)
    loud = first + np.flatnonzero(np.abs(recording.samples[first:]) > 0.001)
    return float(loud[int(np.diff(loud).argmax()) + 1] - since) / SAMPLE_RATE


async def test_a_killed_audio_worker_is_heard_again_within_a_second_of_its_new_start(server: SoundServer) -> None:
    spoken = babble(60.0)
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            first = home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.until("levels", levels)
                await recorded(recorder, 1.0)
                first.send_signal(signal.SIGKILL)
                first.wait(10)
                started_ns = time.monotonic_ns()
                home.start("audio")
                recording = await recorded(recorder, 4.0)
                health = await watcher.until(
                    "the new one", lambda w: (h := w.get(WorkerHealth, "audio")) and h.pid != first.pid and h
                )
    assert health.state == "running"
    assert is_heard(spoken, recording)
    assert heard_from(recording, started_ns) < 2.0  # 0.4 s on a quiet machine


async def test_a_problem_left_by_a_killed_run_is_taken_back_by_the_next(server: SoundServer) -> None:
    await asyncio.to_thread(server.stop)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            await watcher.until("the problem", lambda w: w.get(Problem, NO_DEVICE))
            first.kill()
            first.wait(10)
            await asyncio.to_thread(server.start)
            home.start("audio")
            await plays(watcher)
            await watcher.until("the problem is over", lambda w: w.get(Problem, NO_DEVICE) is None)


async def test_an_unknown_device_is_a_problem_that_names_what_there_is(server: SoundServer) -> None:
    with Home(server.env, device="Loudest Speaker") as home:
        async with watching(home) as watcher:
            home.start("audio")
            problem = await watcher.until("the problem", lambda w: w.get(Problem, NO_DEVICE))
    assert "Loudest Speaker" in problem.message
    assert "pulse" in problem.message


async def refused(bus: Bus, request: Request[Any]) -> PartylineError:
    with pytest.raises(PartylineError) as caught:
        await bus.request(request)
    return caught.value


async def test_gain_and_mute_are_heard_and_survive_a_restart() -> None:
    spoken = babble(60.0)
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            with Talkers(home.paths.run, {peer(1): spoken, peer(2): spoken}):
                await watcher.until("both are heard", lambda w: len(levels(w)) == 2)
                await watcher.bus.request(SetGain(peer=peer(1), gain_db=-30.0))
                await watcher.bus.request(SetMute(peer=peer(2), muted=True))
                await watcher.until("quieter", quiet)
                error = await refused(watcher.bus, SetGain(peer=peer(1), gain_db=60.0))
                assert error.code == "audio.bad-gain"
                assert error.remedy
                first.kill()
                first.wait(10)
                watcher.latest.pop("audio.levels/")
                home.start("audio")
                await watcher.until("quieter after the restart", lambda w: w.get(Levels) and quiet(w))
        kept = json.loads((home.paths.state / "audio.json").read_text())
    assert kept["talkers"] == {"1001": {"gain_db": -30.0}, "1002": {"muted": True}}


def quiet(watcher: Watcher) -> bool:
    latest = watcher.get(Levels)
    return (
        latest is not None
        and -60 < latest.talkers.get(peer(1), 0.0) < -35
        and latest.talkers.get(peer(2), 0.0) == -120.0
        and (state := talker(watcher, peer(2))) is not None
        and state.muted
    )


async def test_the_mix_is_published_gapless_and_is_what_the_desk_says() -> None:
    """One run for what is cheap to see in the null sink: the mix's own plane, solo, master, ducking."""
    spoken = {peer(1): babble(90.0, seed=1), peer(2): babble(90.0, seed=2)}
    with Home(sink="null", device="Speakers") as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            with Listener(home.paths.run) as plane, Talkers(home.paths.run, spoken):
                await watcher.until("both are heard", lambda w: len(levels(w)) == 2)
                await watcher.until("the party speaks", lambda w: (d := w.get(Ducking)) and d.active)
                await watcher.bus.request(SetSolo(peer=peer(2), solo=True))
                await watcher.until("one is hushed", lambda w: levels(w).keys() == {peer(2)})
                assert (first := talker(watcher, peer(1))) is not None and first.hushed
                alone = await plane.more(150)
                await watcher.bus.request(SetMaster(gain_db=-20.0, delay_ms=500.0))
                await watcher.until("the master's", lambda w: (s := w.get(MixerState)) and s.delay_ms == 500)
                await plane.more(60)
                quieter = await plane.more(150)
                await watcher.bus.request(SetSolo(peer=peer(2), solo=False))
                await watcher.bus.request(SetMute(peer=peer(1), muted=True))
                await watcher.bus.request(SetMute(peer=peer(2), muted=True))
                await watcher.until("the party is quiet", lambda w: (d := w.get(Ducking)) and not d.active)
                silent = await plane.until(lambda frame: not frame.sounding)
                error = await refused(watcher.bus, SetMaster(delay_ms=5000.0))
                assert error.code == "audio.bad-delay"
                error = await refused(watcher.bus, SelectDevice(name="Speakers"))
                assert error.code == "audio.no-device-sink"
        kept = json.loads((home.paths.state / "audio.json").read_text())
    headers = [header for header, _ in plane.frames]
    assert [header.tick for header in headers] == list(range(headers[0].tick, headers[0].tick + len(headers)))
    assert {(header.peer, header.boot) for header in headers} == {("mix", headers[0].boot)}
    assert silent == b""
    first, later = best_match(spoken[peer(2)], alone, SAMPLE_RATE), best_match(spoken[peer(2)], quieter, SAMPLE_RATE)
    assert min(first.correlation, later.correlation) > 0.99
    assert np.abs(quieter).max() < np.abs(alone).max() / 3
    assert kept["master"] == {"gain_db": -20.0, "delay_ms": 500.0}


async def test_each_talker_has_a_channel_of_his_own_and_the_sound_follows_the_device_that_is_chosen(
    server: SoundServer,
) -> None:
    for sink, channels in (("wide", 16), ("narrow", 2)):
        await asyncio.to_thread(server.add_sink, sink, channels)
    server.name_devices("wide", "narrow")
    spoken = {peer(number): babble(120.0, seed=number, level=0.1) for number in (1, 2, 3)}
    routes = json.dumps({"1001": 3, "Bo-Streams": [5, 16], "1003": 40})
    member = Member(account_id="1002", platform="PS5", online_id="bo-streams")
    with Home(server.env, device="narrow", routes=routes) as home:
        async with watching(home) as watcher:
            watcher.bus.publish(PartyState(phase="joined", members=(member,)))
            first = home.start("audio")
            await plays(watcher)
            problem = await watcher.until("a channel is lacking", lambda w: w.get(Problem, "audio.audio.routes"))
            assert "no channel 40" in problem.message
            with Talkers(home.paths.run, spoken):
                await watcher.until("all are heard", lambda w: len(levels(w)) == 3)
                listed = await watcher.until("the devices", lambda w: (d := w.get(Devices)) and d.devices and d)
                assert {"wide", "narrow"} <= {device.name for device in listed.devices}
                error = await refused(watcher.bus, SelectDevice(name="Loudest Speaker"))
                assert error.code == "audio.no-such-device" and "wide" in error.message
                chosen = await watcher.bus.request(SelectDevice(name="WID"))
                assert (chosen.wanted, chosen.current) == ("wide", "wide")
                await watcher.until("it is over", lambda w: w.get(Problem, "audio.audio.device-changed") is None)
                assert any(isinstance(seen, Problem) and seen.code == "audio.device-changed" for seen in watcher.seen)
                with server.record("wide", 16) as recorder:
                    heard = (await recorded(recorder, 2.0)).channels[-SAMPLE_RATE * 3 // 2 :].T
                bo = talker(watcher, peer(2))
                first.kill()
                first.wait(10)
                watcher.latest.pop("audio.devices/")
                home.start("audio")  # chosen by request: remembered, whatever the setting says
                await watcher.until("the device is remembered", lambda w: (d := w.get(Devices)) and d.current == "wide")
    assert bo is not None and bo.channels == (5, 16)
    for channel, speaker in ((3, 1), (5, 2), (16, 2)):
        assert is_in(heard[channel - 1], spoken[peer(speaker)])
    total = sum(sound.astype(np.float64) for sound in spoken.values())
    assert is_in(heard[0], np.asarray(total))
    assert np.array_equal(heard[0], heard[1])
    silent = [channel for channel in range(1, 17) if not heard[channel - 1].any()]
    assert silent == [4, *range(6, 16)]


async def test_the_file_sink_records_through_a_crash(tmp_path: Path) -> None:
    spoken = babble(40.0)
    path = tmp_path / "mix.wav"
    with Home(sink="file", file=str(path)) as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            await plays(watcher, "file")
            with Talkers(home.paths.run, {peer(1): spoken}) as talkers:
                await watcher.until("enough", lambda w: (t := talker(w, peer(1))) and t.frames > 300)
                first.kill()
                first.wait(10)
                second = home.start("audio")
                await watcher.until(
                    "enough again", lambda w: (h := w.get(WorkerHealth, "audio")) and h.pid == second.pid
                )
                watcher.latest.pop("audio.mixer/", None)
                await watcher.until("enough again", lambda w: (t := talker(w, peer(1))) and t.frames > 300)
                begun_ns = talkers.begun_ns
            ended_ns = time.monotonic_ns()
            assert end(second) == 0
    with wave.open(str(path)) as reader:
        sound = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
    before = best_match(sound, spoken[: SAMPLE_RATE * 2], SAMPLE_RATE)
    assert before.correlation >= 0.95
    # What follows stands where it belongs in time: one clock through the crash.
    after = best_match(spoken, sound[-SAMPLE_RATE * 2 : -SAMPLE_RATE], SAMPLE_RATE)
    assert after.correlation >= 0.95
    place = len(sound) - SAMPLE_RATE * 2 - after.offset_samples
    assert abs(place - before.offset_samples) < SAMPLE_RATE // 10
    assert before.offset_samples + (ended_ns - begun_ns) / 1e9 * SAMPLE_RATE <= len(sound) + SAMPLE_RATE


@pytest.mark.skipif(os.getuid() != 0 and not Path("/proc").is_dir(), reason="needs a path that cannot be written")
async def test_a_path_that_cannot_be_written_is_a_problem_until_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is wanted")
    path = blocked / "mix.wav"
    with Home(sink="file", file=str(path)) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            problem = await watcher.until("the problem", lambda w: w.get(Problem, "audio.audio.file"))
            assert str(path) in problem.message
            blocked.unlink()
            await plays(watcher, "file")
            await watcher.until("the problem is over", lambda w: w.get(Problem, "audio.audio.file") is None)
            assert path.exists()


async def test_rubbish_on_the_audio_plane_is_counted_and_harms_nobody() -> None:
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            publisher = AudioPublisher(home.paths.run)
            try:
                header = AudioFrame(peer=peer(1), boot="m", tick=1, tick_ns=0, sounding=True)
                async with asyncio.timeout(LIMIT_S):
                    while watcher.get(Problem, "audio.audio.bad-frame") is None:
                        publisher.send(header, b"\x00" * 7)
                        await asyncio.sleep(0.05)
            finally:
                publisher.close()
            with Talkers(home.paths.run, {peer(1): babble(20.0)}):
                await watcher.until("levels", levels)


async def test_an_orderly_stop_is_quick() -> None:
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            process = home.start("audio")
            await plays(watcher, "null")
            asked = time.monotonic()
            assert await asyncio.to_thread(end, process) == 0
            assert time.monotonic() - asked < 5.0
