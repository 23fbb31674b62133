"""The test tone on a page with a single talker."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from common.basic.tone import FRAME
from common.messages import ListeningPages, TonePlays
from tests.support.waiting import eventually
from tests.workers.dashboard.client import socket_to
from tests.workers.dashboard.stage import Playing, Stage, member
from workers.dashboard.listen.audio_sources import FRAMES, Batch
from workers.dashboard.listen.page_tone import BOOT, PageTone

BO = member(1)


def samples(batch: Batch) -> np.ndarray:
    return np.concatenate([np.frombuffer(one, "<i2") for one in batch.samples])


def test_a_packet_is_left_alone_while_no_tone_sounds():
    batch = Batch(7, 1, (b"\1\0" * FRAME, b""))
    assert PageTone().added(batch) is batch


def test_it_is_added_to_the_talkers_packets_in_silence_too():
    tone = PageTone()
    tone.start(1.0)
    voice = np.full(FRAME, 1000, "<i2").tobytes()
    batches = [tone.added(Batch(7, 2 * number, (voice, b""))) for number in range(50)]
    assert all((batch.boot, len(batch.samples)) == (7, FRAMES) for batch in batches)
    loudest = samples(batches[25])
    assert 3200 < loudest[FRAME:].max() < 3300  # -20 dBFS
    assert loudest[:FRAME].max() > 4000  # above the voice
    assert not tone.is_on


def test_without_a_voice_it_comes_in_packets_of_its_own():
    tone = PageTone()
    tone.start(0.5)
    first, second = tone.alone(), tone.alone()
    assert (first.boot, second.boot) == (BOOT, BOOT)
    assert second.tick == first.tick + FRAMES
    while tone.is_on:
        last = tone.alone()
    assert np.abs(samples(last)).max() < 400


@pytest.mark.parametrize("talker", ["bo-streams", "nobody-here"])
async def test_a_page_of_one_talker_gets_it_with_a_voice_and_without(stage: Stage, talker: str) -> None:
    stage.party(1)
    playing = Playing(stage.paths.run, "audio-media", BO.peer, np.zeros(48_000, np.int16))

    def told() -> bool:
        found = stage._call(stage.buses["session"].snapshot(ListeningPages))
        return [one.message for one in found] == [ListeningPages(talkers=(talker,))]

    try:
        async with socket_to(stage, f"/sound?talker={talker}", stage.keys.read) as ws, asyncio.timeout(30):
            await asyncio.to_thread(eventually, told, "it is told what the page plays")
            loudest = 0
            stage.publish("audio", TonePlays(seconds=2.0))
            while loudest < 3200:  # -20 dBFS
                packet = await ws.receive_bytes()
                sound = np.frombuffer(packet[16:], "<i2")
                loudest = max(loudest, int(sound.max(initial=0)))
            assert loudest < 3300
    finally:
        playing.stop()
