"""The sockets of listening pages: `/sound` plays the mix, `/sound?talker=NAME` one talker."""

from __future__ import annotations

import asyncio
import contextlib
import socket as sockets
from collections import deque
from collections.abc import Callable

from aiohttp import web

from common.basic.tasks import Tasks
from common.config.pages import Rights
from common.messages import FRAME_MS
from workers.dashboard.listen.audio_sources import FRAMES, Batch
from workers.dashboard.listen.listeners import Listeners
from workers.dashboard.listen.page_tone import PageTone
from workers.dashboard.serve import site

QUEUE = 50
"""Packets (of 20 ms) that wait for a page. Chosen as one second, so that a stall of this worker is not heard as a drop.

The oldest ones of a slow page are dropped.
"""
NO_VOICE_S = 0.1
"""Time without a packet of its talker after which a page gets the tone's own packets. Five of them are missing then."""
SEND_BUFFER = 32 * 1024
"""Bytes that the system may hold for a page, a third of a second."""


class _Page:
    """One listening page."""

    def __init__(self, socket: web.WebSocketResponse, talker: str) -> None:
        self.socket = socket
        self.talker = talker
        self.peer = ""
        self.sent = 0
        self.dropped = 0
        self.tone = PageTone()
        self.voice_at = 0.0
        """When the last packet of its talker came, in the loop's time."""
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()

    def set_peer(self, peer: str) -> None:
        self.peer = peer

    def put(self, batch: Batch, gain: float) -> None:
        """Queue a packet of its source."""
        self.voice_at = asyncio.get_running_loop().time()
        self.queue(self.tone.added(batch).packet(gain))

    def queue(self, packet: bytes) -> None:
        """Queue a packet. An older one is dropped for it if the page is slow."""
        self.sent += 1
        if len(self._queue) >= QUEUE:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(packet)
        self._wake.set()

    async def send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self.socket.send_bytes(self._queue.popleft())


class SoundSockets:
    """All listening pages."""

    def __init__(self, listeners: Listeners, rights: Callable[[str], Rights]) -> None:
        self._listeners = listeners
        self._rights = rights
        self._pages: set[_Page] = set()
        self._tasks = Tasks()
        self._ended_sent = 0
        self._ended_dropped = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/sound", self._serve)]

    @property
    def pages(self) -> int:
        return len(self._pages)

    @property
    def sent(self) -> int:
        """Packets of all pages since the start."""
        return self._ended_sent + sum(page.sent for page in self._pages)

    @property
    def dropped(self) -> int:
        """Packets of all pages since the start that were dropped."""
        return self._ended_dropped + sum(page.dropped for page in self._pages)

    async def close(self, code: int) -> None:
        await self._tasks.cancel()
        await site.closed([page.socket for page in self._pages], code)

    def play_tone(self, seconds: float) -> None:
        """Play the test tone on pages with a single talker. Those with the mix get it from audio."""
        for page in self._pages:
            if page.talker:
                page.tone.start(seconds)
                self._tasks.spawn(_tone_without_voice(page))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = await site.open_socket(request, self._rights, frozenset({"full", "read"}))
        if socket is None:
            return web.Response()
        keep_short(request)
        page = _Page(socket, request.query.get("talker", "").strip())
        self._pages.add(page)
        self._listeners.add(page)
        sending = asyncio.create_task(page.send())
        try:
            async for _ in socket:
                break  # a listener sends nothing
        finally:
            self._pages.discard(page)
            self._ended_sent += page.sent
            self._ended_dropped += page.dropped
            self._listeners.remove(page)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
            await socket.close()
        return socket


async def _tone_without_voice(page: _Page) -> None:
    """Send the tone at its pace while the page's talker sends nothing."""
    loop = asyncio.get_running_loop()
    begun, sent = loop.time(), 0
    while page.tone.is_on:
        due = int((loop.time() - begun) * 1000 / (FRAMES * FRAME_MS))
        if loop.time() - page.voice_at > NO_VOICE_S:
            for _ in range(due - sent):
                page.queue(page.tone.alone().packet(1.0))
        sent = due
        await asyncio.sleep(FRAMES * FRAME_MS / 1000)


def keep_short(request: web.Request, high: int = 8 * 1024) -> None:
    """Keep the connection's buffers short, since stale sound is better dropped here.

    A write waits while more than `high` bytes wait in this process.
    """
    assert request.transport is not None
    request.transport.set_write_buffer_limits(high=high)
    raw = request.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
