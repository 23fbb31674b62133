"""The audio worker, a real broker, a real sound server: what is published is what the sink plays."""

from __future__ import annotations

import asyncio
import json
import time

import numpy as np
import pytest

from common.messages import (
    SAMPLE_RATE,
    Devices,
    Levels,
    Member,
    PartyState,
    Problem,
    WorkerHealth,
)
from common.requests import SelectDevice
from tests.support.correlate import best_match, windows
from tests.support.soundserver import Recording, SoundServer
from tests.workers.audio.heard.hearing import is_heard, is_in, levels, loud, plays, recorded, refused, talker
from tests.workers.audio.rig import Home, Talkers, babble, peer, watching

pytestmark = pytest.mark.realtime

NO_DEVICE = "audio.audio.no-device"


@pytest.mark.alone
async def test_a_lone_talker_comes_out_of_the_sink_as_he_was_for_eight_seconds(server: SoundServer) -> None:
    spoken = babble(8.5)
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}) as talkers:
                recording = await recorded(recorder, 10.0)
            await watcher.sees("he has ended", lambda w: not levels(w))
            watcher.latest.pop("audio.mixer/")
            counts = await watcher.sees("all frames counted", lambda w: talker(w, peer(1)))
            health = await watcher.sees("facts", lambda w: w.now(WorkerHealth, "audio"))
    pieces = windows(recording.samples, spoken, SAMPLE_RATE)
    good = sum(piece.correlation >= 0.95 for piece in pieces)
    assert len(pieces) >= 16
    # A machine so loaded that this test published late, or that the device was served late, says so itself.
    if talkers.latest_ms < 10 and health.facts["device underflows"] == "0":
        assert best_match(recording.samples, spoken, SAMPLE_RATE).correlation >= 0.95
        assert good == len(pieces)
        offsets = [piece.offset_samples for piece in pieces]
        assert np.ptp(offsets) <= SAMPLE_RATE // 1000  # the device's clock is followed, within a millisecond
        assert np.abs(np.diff(offsets)).max() <= 12  # slowly: a part in two thousand
        assert (counts.frames, counts.missing) == (850, 0)
    assert good > len(pieces) // 2
    assert np.array_equal(recording.samples, recording.right)
    delay_ms = (recording.at_ns(pieces[0].offset_samples) - talkers.begun_ns) / 1e6
    assert 0 < delay_ms < 250


@pytest.mark.alone
async def test_fifteen_talkers_are_all_in_the_mix(server: SoundServer) -> None:
    spoken = {peer(number): babble(4.0, seed=number, level=0.06) for number in range(15)}
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, spoken):
                recording = await recorded(recorder, 5.5)
            assert max(len(loud(seen)) for seen in watcher.heard if isinstance(seen, Levels)) == 15
    total = sum(sound.astype(np.float64) for sound in spoken.values())
    pieces = windows(recording.samples, np.asarray(total), SAMPLE_RATE)
    assert sum(piece.correlation >= 0.95 for piece in pieces) > len(pieces) // 2  # all, on a quiet machine


async def test_without_a_sound_server_the_null_sink_plays_until_one_appears(server: SoundServer) -> None:
    await asyncio.to_thread(server.stop)
    spoken = babble(60.0)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            problem = await watcher.sees("the problem", lambda w: w.now(Problem, NO_DEVICE))
            assert problem.remedy
            health = await watcher.sees(
                "degraded", lambda w: (h := w.now(WorkerHealth, "audio")) and h.state == "degraded" and h
            )
            assert health.detail == problem.message
            with Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.sees("levels in the null sink", levels)
                await asyncio.to_thread(server.start)
                with server.record() as recorder:
                    await plays(watcher)
                    await watcher.sees("the problem is over", lambda w: w.now(Problem, NO_DEVICE) is None)
                    recording = await recorded(recorder, 2.5)
                await asyncio.to_thread(server.kill)
                again = await watcher.sees("the problem again", lambda w: w.now(Problem, NO_DEVICE))
            log = home.log()
        assert (problem.count, again.count) == (1, 2)  # however often it was tried meanwhile
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
                await watcher.sees("levels", levels)
                away = {"unplug": server.unplug, "kill": server.kill, "suspend": lambda: server.suspend(True)}[how]
                await asyncio.to_thread(away)
                await plays(watcher, "null")
                await watcher.sees("the problem", lambda w: w.now(Problem, NO_DEVICE))
                back = {"unplug": server.plug, "kill": server.start, "suspend": lambda: server.suspend(False)}[how]
                await asyncio.to_thread(back)
                with server.record() as recorder:
                    await plays(watcher)
                    recording = await recorded(recorder, 2.5)
                await watcher.sees("the problem is over", lambda w: w.now(Problem, NO_DEVICE) is None)
    assert is_heard(spoken, recording)


def heard_from(recording: Recording, since_ns: int) -> float:
    """Return the seconds from `since_ns` to the end of the longest silence around it."""
    since = (since_ns - recording.started_ns) * SAMPLE_RATE // 1_000_000_000
    first = max(0, since - SAMPLE_RATE)
    loud = first + np.flatnonzero(np.abs(recording.samples[first:]) > 0.001)
    return float(loud[int(np.diff(loud).argmax()) + 1] - since) / SAMPLE_RATE


@pytest.mark.alone
async def test_a_killed_audio_worker_is_heard_again_within_a_second_of_its_new_start(server: SoundServer) -> None:
    spoken = babble(60.0)
    with Home(server.env) as home, server.record() as recorder:
        async with watching(home) as watcher:
            first = home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.sees("levels", levels)
                await recorded(recorder, 1.0)
                first.kill()
                started_ns = time.monotonic_ns()
                home.start("audio")
                recording = await recorded(recorder, 4.0)
                health = await watcher.sees(
                    "the new one", lambda w: (h := w.now(WorkerHealth, "audio")) and h.pid != first.popen.pid and h
                )
    assert health.state == "running"
    assert is_heard(spoken, recording)
    assert heard_from(recording, started_ns) < 2.0  # 0.4 s on a quiet machine


async def test_a_problem_left_by_a_killed_run_is_taken_back_by_the_next(server: SoundServer) -> None:
    await asyncio.to_thread(server.stop)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            await watcher.sees("the problem", lambda w: w.now(Problem, NO_DEVICE))
            first.kill()
            await asyncio.to_thread(server.start)
            home.start("audio")
            await plays(watcher)
            await watcher.sees("the problem is over", lambda w: w.now(Problem, NO_DEVICE) is None)


async def test_an_unknown_device_is_a_problem_that_names_what_there_is(server: SoundServer) -> None:
    with Home(server.env, device="Loudest Speaker") as home:
        async with watching(home) as watcher:
            home.start("audio")
            problem = await watcher.sees("the problem", lambda w: w.now(Problem, NO_DEVICE))
    assert "Loudest Speaker" in problem.message
    assert "pulse" in problem.message


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
            problem = await watcher.sees("a channel is lacking", lambda w: w.now(Problem, "audio.audio.routes"))
            assert "no channel 40" in problem.message
            with Talkers(home.paths.run, spoken):
                await watcher.sees("all are heard", lambda w: len(levels(w)) == 3)
                listed = await watcher.sees("the devices", lambda w: (d := w.now(Devices)) and d.devices and d)
                assert {"wide", "narrow"} <= {device.name for device in listed.devices}
                error = await refused(watcher.bus, SelectDevice(name="Loudest Speaker"))
                assert error.code == "audio.no-such-device" and "wide" in error.message
                chosen = await watcher.bus.request(SelectDevice(name="WID"))
                assert (chosen.wanted, chosen.current) == ("wide", "wide")
                await watcher.sees("it is over", lambda w: w.now(Problem, "audio.audio.device-changed") is None)
                assert any(isinstance(seen, Problem) and seen.code == "audio.device-changed" for seen in watcher.heard)
                with server.record("wide", 16) as recorder:
                    heard = (await recorded(recorder, 2.0)).channels[-SAMPLE_RATE * 3 // 2 :].T
                bo = talker(watcher, peer(2))
                first.kill()
                watcher.latest.pop("audio.devices/")
                home.start("audio")  # chosen by request: remembered, whatever the setting says
                await watcher.sees("the device is remembered", lambda w: (d := w.now(Devices)) and d.current == "wide")
    assert bo is not None and bo.channels == (5, 16)
    for channel, speaker in ((3, 1), (5, 2), (16, 2)):
        assert is_in(heard[channel - 1], spoken[peer(speaker)])
    total = sum(sound.astype(np.float64) for sound in spoken.values())
    assert is_in(heard[0], np.asarray(total))
    assert np.array_equal(heard[0], heard[1])
    silent = [channel for channel in range(1, 17) if not heard[channel - 1].any()]
    assert silent == [4, *range(6, 16)]
