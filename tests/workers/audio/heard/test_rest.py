"""The device is open only while it is needed: with a real broker, audio worker and sound server."""

from __future__ import annotations

import asyncio

import pytest

from common.messages import Devices, MixerState, PartyState, Problem, WorkerHealth
from common.requests import SelectDevice
from tests.support.soundserver import SoundServer
from tests.workers.audio.heard.hearing import is_heard, levels, plays, recorded
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, peer, watching

pytestmark = pytest.mark.realtime

JOINING, NONE = PartyState(phase="joining"), PartyState(phase="none")


async def rests(watcher: Watcher) -> MixerState:
    return await watcher.sees("the device rests", lambda w: (s := w.now(MixerState)) and s.resting and s)


def streams(server: SoundServer) -> str:
    """Return what plays on the sound server, a line each."""
    return server.pactl("list", "short", "sink-inputs").strip()


async def test_the_device_is_closed_without_a_party_and_plays_from_its_beginning(server: SoundServer) -> None:
    spoken = babble(60.0)
    with Home(server.env) as home:
        async with watching(home) as watcher:
            watcher.bus.publish(NONE)
            home.start_module("tests.workers.audio.heard.hasty_worker")
            await plays(watcher)
            assert await asyncio.to_thread(streams, server)
            state = await rests(watcher)  # it is tried, then closed
            assert (state.sink, state.target) == ("null", "pulse")
            assert state.where == "to the sound device “pulse”, which is resting until a party is joined"
            await watcher.sees("the list says so", lambda w: (d := w.now(Devices)) and d.resting == "pulse")
            assert not await asyncio.to_thread(streams, server)
            health = await watcher.sees(
                "well", lambda w: (h := w.now(WorkerHealth, "audio")) and "resting" in h.detail and h
            )
            assert health.state == "running"
            chosen = await watcher.bus.request(SelectDevice(name="pulse"))
            assert (chosen.current, chosen.resting) == ("pulse", "")  # tried at once
            await rests(watcher)
            watcher.bus.publish(JOINING)
            await plays(watcher)
            with server.record() as recorder, Talkers(home.paths.run, {peer(1): spoken}):
                await watcher.sees("levels", levels)
                recording = await recorded(recorder, 2.5)
            watcher.bus.publish(NONE)
            await rests(watcher)
            told = [seen.code for seen in watcher.heard if isinstance(seen, Problem) and seen.severity != "note"]
    assert is_heard(spoken, recording)
    assert told == []


async def test_a_voice_opens_the_device_though_session_knows_of_no_party(server: SoundServer) -> None:
    with Home(server.env) as home:
        async with watching(home) as watcher:
            watcher.bus.publish(NONE)
            home.start_module("tests.workers.audio.heard.hasty_worker")
            await rests(watcher)
            with Talkers(home.paths.run, {peer(1): babble(60.0)}):
                await plays(watcher)
