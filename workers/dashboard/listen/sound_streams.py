"""Sound over plain HTTP for media players, such as OBS's Media Source: `/obs-stream` and `/obs-stream?talker=NAME`.

It is Matroska with PCM, without an end, at this machine's pace, also while nobody speaks. So a player that has
connected stays connected, whatever becomes of the party and of audio. `benchmarks.obs.transports` compares it with
other formats and protocols (notes/obs-sound.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import numpy as np
import structlog
from aiohttp import web

from common.config.pages import Rights
from common.messages import SAMPLE_RATE
from common.obs.media_source import STREAM_PATH
from workers.dashboard.listen import matroska
from workers.dashboard.listen.audio_sources import Batch
from workers.dashboard.listen.listeners import Listeners
from workers.dashboard.listen.paced_buffer import PacedBuffer
from workers.dashboard.listen.sound_sockets import keep_short
from workers.dashboard.serve import site

PACKET_MS = 20
PACKET = SAMPLE_RATE * PACKET_MS // 1000
_PACKET_S = PACKET_MS / 1000
LEAD_MS = 40
"""Silence that is sent at once, so that each packet is there so much before its time. `?buffer=` changes it.

OBS has no buffer of its own for what comes late. It delays all of its sound instead, for good.
"""
_LEAST_MS, _MOST_MS = 0, 500
BEHIND = 8 * 1024
"""Bytes of a channel that wait in this process for a slow reader, 85 ms. What comes then is dropped, so that it stays
near."""
NEVER_WAITS = 128 * 1024
"""Far above `BEHIND`, so that a write to a dead reader returns."""
DEAD_S = 10.0
"""A reader that took nothing for this time is disconnected. It may connect again."""
_LATE_S = 0.5
"""Longer than that behind its schedule, this process was suspended, and what was due is not sent any more."""


class _Reader:
    """One connected player."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        assert request.transport is not None
        self.talker = request.query.get("talker", "").strip()
        self.peer = ""
        self.transport = request.transport
        self.sent = 0
        self.dropped = 0
        self.is_dead = False
        self._response = response
        self._lead = _lead_packets(request.query.get("buffer", ""))
        self._channels = 1 if self.talker else 2
        """A player does not follow a change, so the mix has two also while nobody is panned."""
        self._buffer = PacedBuffer(channels=self._channels)

    def set_peer(self, peer: str) -> None:
        self.peer = peer

    def put(self, batch: Batch, gain: float) -> None:
        self._buffer.write(batch, gain)

    async def send(self) -> None:
        """Send a packet each 20 ms until the reader is gone, or dead. Raises `ConnectionError`.

        A player keeps its own schedule from the first packet on. So what was not sent is a hole in the packets' times.
        """
        await self._response.write(matroska.head(self._channels))
        for number in range(self._lead):
            await self._response.write(matroska.packet(number * PACKET_MS, bytes(PACKET * 2 * self._channels)))
        lead_ms = self._lead * PACKET_MS
        began = due = took_at = time.monotonic()
        while not self.transport.is_closing():
            due += _PACKET_S
            now = time.monotonic()
            if now - due > _LATE_S:
                due = now
            await asyncio.sleep(max(0.0, due - now))
            sound = self._buffer.read(PACKET)
            if self.transport.get_write_buffer_size() > BEHIND * self._channels:
                self.dropped += 1
                if time.monotonic() - took_at > DEAD_S:
                    self.is_dead = True
                    self.transport.abort()
                    return
                continue
            took_at = time.monotonic()
            self.sent += 1
            samples = np.clip(np.rint(sound * np.float32(32768)), -32768, 32767).astype("<i2").T
            at_ms = lead_ms + round((due - began) * 1000) - PACKET_MS
            await self._response.write(matroska.packet(at_ms, samples.tobytes()))


def _lead_packets(asked: str) -> int:
    """Return the packets of silence to begin with, for the text of `?buffer=`."""
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else LEAD_MS
    return max(_LEAST_MS, min(_MOST_MS, wanted)) // PACKET_MS


class SoundStreams:
    """All connected players."""

    def __init__(self, listeners: Listeners, rights: Callable[[str], Rights]) -> None:
        self._listeners = listeners
        self._rights = rights
        self._readers: set[_Reader] = set()
        self._log = structlog.get_logger("dashboard")
        self._ended_sent = 0
        self._ended_dropped = 0
        self.dead = 0
        """Readers since the start that took nothing any more and were disconnected."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(STREAM_PATH, self._serve, allow_head=True)]

    @property
    def readers(self) -> int:
        return len(self._readers)

    @property
    def sent(self) -> int:
        """Packets of all readers since the start."""
        return self._ended_sent + sum(reader.sent for reader in self._readers)

    @property
    def dropped(self) -> int:
        """Packets of slow readers since the start that were dropped."""
        return self._ended_dropped + sum(reader.dropped for reader in self._readers)

    def close(self) -> None:
        """Disconnect everybody. A media player connects again by itself."""
        for reader in self._readers:
            reader.transport.abort()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if not self._rights(request.query.get("key", "")):
            return site.error_page(
                403, "This address has an old or wrong key.", "Run `partyline obs setup --stream` for a new one."
            )
        response = web.StreamResponse(headers={"Content-Type": "audio/x-matroska", "Cache-Control": "no-store"})
        response.force_close()
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        keep_short(request, NEVER_WAITS)
        reader = _Reader(request, response)
        self._readers.add(reader)
        self._listeners.add(reader)
        try:
            with contextlib.suppress(ConnectionError):
                await reader.send()
        finally:
            self._readers.discard(reader)
            self._listeners.remove(reader)
            self._ended_sent += reader.sent
            self._ended_dropped += reader.dropped
            if reader.is_dead:
                self.dead += 1
                self._log.warning("a media player took no sound any more and was disconnected", talker=reader.talker)
        return response
