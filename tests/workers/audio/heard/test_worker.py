"""The audio worker and a real broker, without a device: what is asked of it, and what it tells."""

from __future__ import annotations

import asyncio
import json
import os
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.bus import AudioPublisher
from common.messages import (
    SAMPLE_RATE,
    AudioFrame,
    Ducking,
    Levels,
    MixerState,
    Problem,
    WorkerHealth,
)
from common.requests import SelectDevice, SetGain, SetMaster, SetMute, SetSolo
from tests.support.correlate import best_match
from tests.workers.audio.heard.hearing import Listener, levels, plays, refused, talker
from tests.workers.audio.rig import LIMIT_S, Home, Talkers, Watcher, babble, peer, watching

pytestmark = pytest.mark.realtime


async def test_gain_and_mute_are_heard_and_survive_a_restart() -> None:
    spoken = babble(60.0)
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            with Talkers(home.paths.run, {peer(1): spoken, peer(2): spoken}):
                await watcher.sees("both are heard", lambda w: len(levels(w)) == 2)
                await watcher.bus.request(SetGain(peer=peer(1), gain_db=-30.0))
                await watcher.bus.request(SetMute(peer=peer(2), muted=True))
                await watcher.sees("quieter", quiet)
                error = await refused(watcher.bus, SetGain(peer=peer(1), gain_db=60.0))
                assert error.code == "bus.bad-request"
                assert error.remedy
                first.kill()
                watcher.latest.pop("audio.levels/")
                home.start("audio")
                await watcher.sees("quieter after the restart", lambda w: w.now(Levels) and quiet(w))
        kept = json.loads((home.paths.state / "audio.json").read_text())
    assert kept["talkers"] == {"1001": {"gain_db": -30.0}, "1002": {"muted": True}}


def quiet(watcher: Watcher) -> bool:
    latest = watcher.now(Levels)
    return (
        latest is not None
        and -60 < latest.talkers.get(peer(1), 0.0) < -35
        and latest.talkers.get(peer(2), 0.0) == -120.0
        and (state := talker(watcher, peer(2))) is not None
        and state.muted
    )


@pytest.mark.alone
async def test_the_mix_is_published_gapless_and_is_what_the_desk_says() -> None:
    """One run for what is cheap to see in the null sink: the mix's own plane, solo, master, ducking."""
    spoken = {peer(1): babble(90.0, seed=1), peer(2): babble(90.0, seed=2)}
    with Home(sink="null", device="Speakers") as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            with Listener(home.paths.run) as plane, Talkers(home.paths.run, spoken):
                await watcher.sees("both are heard", lambda w: len(levels(w)) == 2)
                await watcher.sees("the party speaks", lambda w: (d := w.now(Ducking)) and d.active)
                await watcher.bus.request(SetSolo(peer=peer(2), solo=True))
                await watcher.sees("one is hushed", lambda w: levels(w).keys() == {peer(2)})
                assert (first := talker(watcher, peer(1))) is not None and first.hushed
                alone = await plane.more(150)
                await watcher.bus.request(SetMaster(gain_db=-20.0, delay_ms=500.0))
                await watcher.sees("the master's", lambda w: (s := w.now(MixerState)) and s.delay_ms == 500)
                await plane.more(60)
                quieter = await plane.more(150)
                await watcher.bus.request(SetSolo(peer=peer(2), solo=False))
                await watcher.bus.request(SetMute(peer=peer(1), muted=True))
                await watcher.bus.request(SetMute(peer=peer(2), muted=True))
                await watcher.sees("the party is quiet", lambda w: (d := w.now(Ducking)) and not d.active)
                silent = await plane.until(lambda frame: not frame.sounding)
                error = await refused(watcher.bus, SetMaster(delay_ms=5000.0))
                assert error.code == "bus.bad-request"
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


@pytest.mark.alone
async def test_the_file_sink_records_through_a_crash(tmp_path: Path) -> None:
    spoken = babble(40.0)
    path = tmp_path / "mix.wav"
    with Home(sink="file", file=str(path)) as home:
        async with watching(home) as watcher:
            first = home.start("audio")
            await plays(watcher, "file")
            with Talkers(home.paths.run, {peer(1): spoken}) as talkers:
                await watcher.sees("enough", lambda w: (t := talker(w, peer(1))) and t.frames > 300)
                first.kill()
                second = home.start("audio")
                await watcher.sees(
                    "enough again", lambda w: (h := w.now(WorkerHealth, "audio")) and h.pid == second.popen.pid
                )
                watcher.latest.pop("audio.mixer/", None)
                await watcher.sees("enough again", lambda w: (t := talker(w, peer(1))) and t.frames > 300)
                begun_ns = talkers.begun_ns
            ended_ns = time.monotonic_ns()
            assert second.stop() == 0
    with wave.open(str(path)) as reader:
        sound = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
    before = beginnings(sound, spoken, SAMPLE_RATE)  # the very first frames may be missed
    # What follows stands where it belongs in time: one clock through the crash.
    after = beginnings(spoken, sound, len(sound) - SAMPLE_RATE * 5 // 2)
    assert min(len(before), len(after)) >= 2
    assert abs(np.median(before) + np.median(after)) < SAMPLE_RATE // 10
    assert np.median(before) + (ended_ns - begun_ns) / 1e9 * SAMPLE_RATE <= len(sound) + SAMPLE_RATE


def beginnings(recording: NDArray[np.int16], source: NDArray[np.int16], first: int) -> list[int]:
    """Return where in `recording` the source begins, as told by each of three half seconds that are heard."""
    half = SAMPLE_RATE // 2
    starts = range(first, first + 3 * half, half)
    found = [(at, best_match(recording, source[at : at + half], SAMPLE_RATE)) for at in starts]
    return [match.offset_samples - at for at, match in found if match.correlation >= 0.95]


@pytest.mark.skipif(os.getuid() != 0 and not Path("/proc").is_dir(), reason="needs a path that cannot be written")
async def test_a_path_that_cannot_be_written_is_a_problem_until_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is wanted")
    path = blocked / "mix.wav"
    with Home(sink="file", file=str(path)) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher, "null")
            problem = await watcher.sees("the problem", lambda w: w.now(Problem, "audio.audio.file"))
            assert str(path) in problem.message
            blocked.unlink()
            await plays(watcher, "file")
            await watcher.sees("the problem is over", lambda w: w.now(Problem, "audio.audio.file") is None)
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
                    while watcher.now(Problem, "audio.audio.bad-frame") is None:
                        publisher.send(header, b"\x00" * 7)
                        await asyncio.sleep(0.05)
            finally:
                publisher.close()
            with Talkers(home.paths.run, {peer(1): babble(20.0)}):
                await watcher.sees("levels", levels)


@pytest.mark.alone
async def test_an_orderly_stop_is_quick() -> None:
    with Home(sink="null") as home:
        async with watching(home) as watcher:
            process = home.start("audio")
            await plays(watcher, "null")
            asked = time.monotonic()
            assert await asyncio.to_thread(process.stop) == 0
            assert time.monotonic() - asked < 5.0
