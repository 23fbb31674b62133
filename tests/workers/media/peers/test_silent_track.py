"""The silence that is sent."""

from __future__ import annotations

import time

import pytest

from common.bus.voice.opus import packet_samples
from tests.workers.media.receive.playing import library
from workers.media.peers import silent_track
from workers.media.peers.silent_track import PACKET_MS, SilentTrack, silent_packet


def test_the_packet_is_forty_milliseconds_of_silence() -> None:
    payload = silent_packet()
    assert packet_samples(payload) == PACKET_MS * 48
    samples = library().decoder().decode(payload)
    assert samples is not None
    assert abs(samples).max() < 20


async def test_it_begins_like_a_talker_and_goes_on_as_in_dtx(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(silent_track.asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: 1_000.0)
    track = SilentTrack(b"silence")
    packets = [await track.recv() for _ in range(8)]
    at_ms = [0, 40, 80, 120, 160, 560, 960, 1360]
    assert [packet.pts for packet in packets] == [at * 48 for at in at_ms]
    assert waits == [pytest.approx(at / 1000) for at in at_ms]
    assert {bytes(packet) for packet in packets} == {b"silence"}
