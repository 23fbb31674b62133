"""The sockets of listening pages: `/sound` plays the mix, `/sound?talker=NAME` one talker."""

from __future__ import annotations

import asyncio
import contextlib
import socket as sockets
from collections import deque
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from common.basic.tasks import Tasks
from common.config.pages import Rights
from common.messages import FRAME_MS, ListeningPages, Message, MixerState
from workers.dashboard.listen.audio_sources import FRAMES, MIX, AudioSources, Batch
from workers.dashboard.listen.page_tone import PageTone
from workers.dashboard.people import PEOPLE
from workers.dashboard.serve import site
from workers.dashboard.state import PageState

QUEUE = 50
"""Packets (of 20 ms) that wait for a page. Chosen as one second, so that a stall of this worker is not heard as a drop.

The oldest ones of a slow page are dropped.
"""
NO_VOICE_S = 0.1
"""Time without a packet of its talker after which a page gets the tone's own packets. Five of them are missing then."""
SEND_BUFFER = 32 * 1024
"""Bytes that the system may hold for a page, a third of a second."""


class _Listener:
    """One listening page."""

    def __init__(self, socket: web.WebSocketResponse, talker: str) -> None:
        self.socket = socket
        self.talker = talker
        self.peer = ""
        """Its source: `MIX`, or the peer key of its talker. Empty while nobody had the talker's name yet."""
        self.dropped = 0
        self.tone = PageTone()
        self.voice_at = 0.0
        """When the last packet of its talker came, in the loop's time."""
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()

    def set_peer(self, peer: str) -> None:
        self.peer = peer

    def on_voice(self, batch: Batch, gain: float, now: float) -> bool:
        """Queue a packet of its source. Return False if an older one was dropped for it."""
        self.voice_at = now
        return self.put(self.tone.added(batch).packet(gain))

    def put(self, packet: bytes) -> bool:
        """Queue a packet. Return False if an older one was dropped for it."""
        fits = len(self._queue) < QUEUE
        if not fits:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(packet)
        self._wake.set()
        return fits

    async def send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self.socket.send_bytes(self._queue.popleft())


class SoundSockets:
    """All listening pages."""

    def __init__(
        self, run: Path, state: PageState, rights: Callable[[str], Rights], publish: Callable[[Message], object]
    ) -> None:
        self._state = state
        self._rights = rights
        self._publish = publish
        self._sources = AudioSources(run, self._deliver)
        self._listeners: set[_Listener] = set()
        self._gains: dict[str, float] = {}
        """The last gain of each talker. A talker who leaves is heard to the end with it."""
        self._tasks = Tasks()
        self.sent = 0
        self.dropped = 0
        """Packets of all pages since the start."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/sound", self._serve)]

    @property
    def pages(self) -> int:
        return len(self._listeners)

    async def close(self, code: int) -> None:
        await self._tasks.cancel()
        await site.closed([listener.socket for listener in self._listeners], code)
        self._sources.set_sources(set())

    def on_change(self, cls: type[Message]) -> None:
        """Update the peers behind the talkers' names, and their delay."""
        if cls in PEOPLE and any(listener.talker for listener in self._listeners):
            self._choose_sources()

    def _on_listeners(self) -> None:
        self._choose_sources()
        self._publish(ListeningPages(talkers=tuple(sorted(listener.talker for listener in self._listeners))))

    def _choose_sources(self) -> None:
        for listener in self._listeners:
            peers = self._state.peers_called(listener.talker) if listener.talker else [MIX]
            if peers:  # else the talker left, but may still have delayed frames
                listener.set_peer(peers[0])
        mixer = self._state.one(MixerState)
        wanted = {listener.peer for listener in self._listeners if listener.peer}
        self._sources.set_sources(wanted, mixer.delay_ms if mixer else 0.0)
        self._gains = {peer: gain for peer, gain in self._gains.items() if peer in wanted}

    def _gain(self, peer: str) -> float:
        if peer == MIX:
            return 1.0
        if peer not in self._gains or self._state.talker(peer) is not None:
            self._gains[peer] = self._state.heard_gain(peer)
        return self._gains[peer]

    def _deliver(self, peer: str, batch: Batch) -> None:
        gain, now = self._gain(peer), asyncio.get_running_loop().time()
        for listener in self._listeners:
            if peer == listener.peer:
                self.sent += 1
                self.dropped += not listener.on_voice(batch, gain, now)

    def play_tone(self, seconds: float) -> None:
        """Play the test tone on pages with a single talker. Those with the mix get it from audio."""
        for listener in self._listeners:
            if listener.talker:
                listener.tone.start(seconds)
                self._tasks.spawn(_tone_without_voice(listener))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = await site.open_socket(request, self._rights, frozenset({"full", "read"}))
        if socket is None:
            return web.Response()
        _keep_short(request)
        listener = _Listener(socket, request.query.get("talker", "").strip())
        self._listeners.add(listener)
        self._on_listeners()
        sending = asyncio.create_task(listener.send())
        try:
            async for _ in socket:
                break  # a listener sends nothing
        finally:
            self._listeners.discard(listener)
            self._on_listeners()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
            await socket.close()
        return socket


async def _tone_without_voice(listener: _Listener) -> None:
    """Send the tone at its pace while the page's talker sends nothing."""
    loop = asyncio.get_running_loop()
    begun, sent = loop.time(), 0
    while listener.tone.is_on:
        due = int((loop.time() - begun) * 1000 / (FRAMES * FRAME_MS))
        if loop.time() - listener.voice_at > NO_VOICE_S:
            for _ in range(due - sent):
                listener.put(listener.tone.alone().packet(1.0))
        sent = due
        await asyncio.sleep(FRAMES * FRAME_MS / 1000)


def _keep_short(request: web.Request) -> None:
    """Keep the socket's buffers short, since stale sound is better dropped here."""
    assert request.transport is not None
    request.transport.set_write_buffer_limits(high=8 * 1024)
    raw = request.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
