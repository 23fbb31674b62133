"""The sockets of listening pages: `/sound` plays the mix, `/sound?talker=NAME` one talker."""

from __future__ import annotations

import asyncio
import contextlib
import socket as sockets
from collections import deque
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from common.config.pages import Rights
from common.messages import Message, MixerState
from workers.dashboard.listen.audio_sources import MIX, AudioSources, Batch
from workers.dashboard.live.people import PEOPLE
from workers.dashboard.serve import site
from workers.dashboard.state import PageState

QUEUE = 50
"""Packets (of 20 ms) that wait for a page. Chosen as one second, so that a stall of this worker is not heard as a drop.

The oldest ones of a slow page are dropped.
"""
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
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()

    def set_peer(self, peer: str) -> None:
        self.peer = peer

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

    def __init__(self, run: Path, state: PageState, rights: Callable[[str], Rights]) -> None:
        self._state = state
        self._rights = rights
        self._sources = AudioSources(run, self._deliver)
        self._listeners: set[_Listener] = set()
        self._gains: dict[str, float] = {}
        """The last gain of each talker. A talker who leaves is heard to the end with it."""
        self.sent = 0
        self.dropped = 0
        """Packets of all pages since the start."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/sound", self._serve)]

    @property
    def pages(self) -> int:
        return len(self._listeners)

    async def close(self, code: int) -> None:
        await site.closed([listener.socket for listener in self._listeners], code)
        self._sources.set_sources(set())

    def on_change(self, cls: type[Message]) -> None:
        """Update the peers behind the talkers' names, and their delay."""
        if cls in PEOPLE and any(listener.talker for listener in self._listeners):
            self._choose_sources()

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
        packet = batch.packet(self._gain(peer))
        for listener in self._listeners:
            if peer == listener.peer:
                self.sent += 1
                self.dropped += not listener.put(packet)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = await site.open_socket(request, self._rights, frozenset({"full", "read"}))
        if socket is None:
            return web.Response()
        _keep_short(request)
        listener = _Listener(socket, request.query.get("talker", "").strip())
        self._listeners.add(listener)
        self._choose_sources()
        sending = asyncio.create_task(listener.send())
        try:
            async for _ in socket:
                break  # a listener sends nothing
        finally:
            self._listeners.discard(listener)
            self._choose_sources()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
            await socket.close()
        return socket


def _keep_short(request: web.Request) -> None:
    """Keep the socket's buffers short, since stale sound is better dropped here."""
    assert request.transport is not None
    request.transport.set_write_buffer_limits(high=8 * 1024)
    raw = request.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
