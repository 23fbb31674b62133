"""`/obs-stream` by a real HTTP reader: FFmpeg, as in OBS's Media Source."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
from collections.abc import AsyncIterator

import aiohttp
import av
import numpy as np
import pytest

from common.config.pages import page_url
from common.messages import MIX_PEER, MIX_PLANE, MixerState, MixerTalker, PartyState
from common.messages.wire import Header, Received
from tests.support.processes import short_folder
from tests.support.waiting import until
from tests.workers.dashboard.stage import Playing, member
from tests.workers.dashboard.test_page_server import Up
from workers.dashboard.listen import matroska, sound_streams

RATE = 48_000
TONE_HZ = 1000
HEADER = Header(sender="x", boot="b", seq=1, at=0.0)


@pytest.fixture
async def up() -> AsyncIterator[Up]:
    async with aiohttp.ClientSession() as client:
        with short_folder() as home:
            made = Up(home, client)
            made.paths.make()
            await made.server.setup()
            await made.server.open()
            yield made
            await made.server.close()


def tone_found(url: str) -> float:
    """Read with FFmpeg until the tone sounds. Return its frequency."""
    with av.open(url, timeout=20) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("pcm_s16le", RATE, 2)
        heard = np.zeros(0)
        for frame in container.decode(stream):
            pairs = frame.to_ndarray().reshape(-1, 2)
            assert np.array_equal(pairs[:, 0], pairs[:, 1])  # nobody is panned
            heard = np.concatenate([heard, pairs[:, 0] / 32768])[-RATE // 5 :]
            if len(heard) == RATE // 5 and heard.std() > 0.15:
                spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
                return float(np.argmax(spectrum)) * 5
    raise AssertionError("the stream ended")


def loudest(url: str) -> float:
    """Read with FFmpeg for a second from the first sound on. Return the highest peak."""
    with av.open(url, timeout=20) as container:
        peaks: list[float] = []
        for frame in container.decode(audio=0):
            peak = float(np.abs(frame.to_ndarray() / 32768).max())
            if peaks or peak > 0:
                peaks.append(peak)
            if len(peaks) == 50:
                return max(peaks)
    raise AssertionError("the stream ended")


async def metric(up: Up, name: str) -> float:
    _, text = await up.get("/metrics")
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"partyline_dashboard_{name} "))


async def test_ffmpeg_hears_the_mix(up: Up) -> None:
    tone = (np.sin(np.arange(RATE) * 2 * np.pi * TONE_HZ / RATE) * 9000).astype(np.int16)
    playing = Playing(up.paths.run, MIX_PLANE, MIX_PEER, tone)
    try:
        url = page_url(up.settings, "obs-stream", up.keys.read_key())
        assert await asyncio.to_thread(tone_found, url) == pytest.approx(TONE_HZ, abs=5)
    finally:
        playing.stop()

    async def is_left() -> bool:
        return await metric(up, "streams_open") == 0

    await until(is_left, "the reader has left")


async def test_one_member_alone_is_heard_by_account_with_the_gain_of_the_mix(up: Up) -> None:
    me, bo = member(0), member(1)
    quiet = MixerTalker(peer=bo.peer, gain_db=-20.0)
    for message in (
        PartyState(phase="joined", session_id="s", me=me.peer, members=(me, bo)),
        MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=(quiet,)),
    ):
        up.state.record(Received(topic=message.topic(), header=HEADER, message=message))
    tone = (np.sin(np.arange(RATE) * 2 * np.pi * TONE_HZ / RATE) * 30_000).astype(np.int16)
    playing = Playing(up.paths.run, "audio-media", bo.peer, tone)
    try:
        url = page_url(up.settings, "obs-stream", up.keys.read_key(), talker=bo.account_id)
        assert await asyncio.to_thread(loudest, url) == pytest.approx(30_000 / 32_768 / 10, rel=0.05)
    finally:
        playing.stop()


async def test_a_wrong_key_is_refused(up: Up) -> None:
    for path in ("/obs-stream", "/obs-stream?key=old"):
        status, text = await up.get(path)
        assert status == 403
        assert "obs setup --stream" in text


async def test_new_keys_end_the_streams(up: Up) -> None:
    async with up.client.get(page_url(up.settings, "obs-stream", up.keys.read_key())) as answer:
        await answer.content.readexactly(4000)
        await up.server.close_pages(4401)
        with pytest.raises((aiohttp.ClientError, asyncio.IncompleteReadError)):
            await answer.content.readexactly(1_000_000)


async def test_a_player_that_takes_nothing_is_disconnected_and_counted(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_streams, "DEAD_S", 0.3)
    monkeypatch.setattr(sound_streams, "PACKET", RATE // 4)  # so that the system's buffers are soon full
    with contextlib.closing(socket.socket()) as dead:
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        dead.connect(("127.0.0.1", up.settings.port))
        dead.sendall(
            f"GET /obs-stream?key={up.keys.read_key()} HTTP/1.1\r\nHost: 127.0.0.1:{up.settings.port}\r\n\r\n".encode()
        )

        async def is_counted() -> bool:
            return await metric(up, "stream_readers_disconnected_total") == 1

        await until(is_counted, "it is counted")
    assert await metric(up, "stream_packets_dropped_total") > 0
    assert await metric(up, "streams_open") == 0


@pytest.mark.parametrize(
    ("asked", "ms"), [("", 40), ("0", 0), ("120", 120), ("99999", 500), ("-1", 40), ("x", 40), ("²", 40)]
)
async def test_the_stream_begins_with_the_lead_that_was_asked_for(up: Up, asked: str, ms: int) -> None:
    url = page_url(up.settings, "obs-stream", up.keys.read_key(), buffer=asked)
    async with up.client.get(url) as answer:
        packets = b"".join(matroska.packet(at_ms, bytes(3840)) for at_ms in range(0, ms + 300, 20))
        begin = await answer.content.readexactly(len(matroska.head() + packets))
    with av.open(io.BytesIO(begin)) as container:
        times = [round(frame.time * 1000) for frame in container.decode(audio=0)]
    assert times[: ms // 20] == list(range(0, ms, 20))
    assert times[ms // 20] >= ms
