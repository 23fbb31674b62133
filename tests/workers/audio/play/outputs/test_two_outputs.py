"""Two outputs at once, with a real broker, audio worker and sound server: both heard, and one of them killed."""

from __future__ import annotations

import asyncio
import os
import signal

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE, MixerState, OutputStatus, WorkerHealth
from common.requests import AddOutput, RemoveOutput, SelectDevice, SetOutput
from tests.support.soundserver import SINK, SoundServer
from tests.workers.audio.heard.hearing import is_heard, plays, recorded, refused
from tests.workers.audio.rig import LIMIT_S, Home, Talkers, Watcher, babble, peer, watching

pytestmark = pytest.mark.realtime

OTHER = "partyline_other"


def status(watcher: Watcher, name: str) -> OutputStatus | None:
    state = watcher.now(MixerState)
    return next((found for found in state.outputs if found.name == name), None) if state else None


async def in_phase(watcher: Watcher, name: str, phase: str) -> OutputStatus:
    return await watcher.sees(f"{name} is {phase}", lambda w: (s := status(w, name)) and s.phase == phase and s)


def pid(watcher: Watcher, name: str) -> int:
    health = watcher.now(WorkerHealth, "audio")
    words = health.facts.get(f"output {name}", "") if health is not None else ""
    return int(words.split(",")[0].split()[1]) if words else 0


def loudness(sound: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(sound[-SAMPLE_RATE:] ** 2))))


async def both(server: SoundServer, spoken: NDArray[np.int16]) -> tuple[float, float]:
    """Return how loud each sink is, once both are heard: a device that was just opened may stumble."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            with server.record(SINK) as first, server.record(OTHER) as second:
                heard = await asyncio.gather(recorded(first, 1.6), recorded(second, 1.6))
            if all(is_heard(spoken, recording) for recording in heard):
                return loudness(heard[0].samples), loudness(heard[1].samples)


async def test_a_second_output_plays_too_with_its_own_gain_and_its_end_is_not_heard_in_the_first(
    server: SoundServer,
) -> None:
    server.add_sink(OTHER)
    server.name_devices(SINK, OTHER)
    spoken = babble(40.0)
    with Home(server.env, device=SINK) as home:
        async with watching(home) as watcher:
            home.start("audio")
            await plays(watcher)
            with Talkers(home.paths.run, {peer(1): spoken}):
                assert (await refused(watcher.bus, AddOutput(device=SINK))).code == "audio.output-double"
                await watcher.bus.request(AddOutput(device=OTHER, name="obs"))
                assert (await refused(watcher.bus, SelectDevice(name=OTHER))).code == "audio.output-double"
                await watcher.bus.request(SetOutput(name="obs", gain_db=-12))
                await in_phase(watcher, "obs", "playing")
                one, other = await both(server, spoken)
                assert abs(one - other - 12) < 1
                with server.record(SINK) as recorder:
                    await watcher.sees("its process", lambda w: pid(w, "obs"))
                    os.kill(before := pid(watcher, "obs"), signal.SIGKILL)
                    await watcher.sees("another process", lambda w: pid(w, "obs") not in (0, before))
                    await in_phase(watcher, "obs", "playing")
                    assert is_heard(spoken, await recorded(recorder, 1.6))
                await watcher.bus.request(RemoveOutput(name="obs"))
                await watcher.sees("it is gone", lambda w: (s := w.now(MixerState)) and len(s.outputs) == 1)
