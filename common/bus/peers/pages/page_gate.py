"""The gate's side of the pages: streams of paired machines are connected with the dashboard's socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import structlog

from common.basic.tasks import Tasks
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.pages import paired_pages
from common.bus.peers.pages.streams import DATA, END, OPEN, PING, PageStream
from common.config.pages import load_keys
from common.errors import PartylineError
from common.files.paths import Paths

PAGES = b"pages"
"""First frame of all that is about pages, in both directions."""
KEYS = b"K"
"""Kind of the question for this machine's keys, and of its answer."""
REFUSED = b"R"
"""Kind of the answer to it when there are none."""
MOST_STREAMS = 48
"""Streams of one machine. A browser opens six and a socket for each page."""
GONE_S = 20.0
"""A machine that was silent for so long is gone. It pings each 2 s."""

SendTo = Callable[[list[bytes]], Coroutine[Any, Any, None]]
Place = tuple[bytes, bytes]
"""A stream: the machine's connection and the stream's number."""


class PageGate:
    """Serves the streams. `send` sends frames, the identity of the machine's connection first."""

    def __init__(self, paths: Paths, send: SendTo) -> None:
        self._paths = paths
        self._send = send
        self._streams: dict[Place, PageStream] = {}
        self._heard_at: dict[bytes, float] = {}
        self._tasks = Tasks()
        self._log = structlog.get_logger("gate")

    async def close(self) -> None:
        await self._tasks.cancel()

    async def take(self, peer: PairedMachine | None, identity: bytes, frames: list[bytes]) -> None:
        """Take a frame of a machine: number, kind and payload. One that is not paired gets nothing."""
        if peer is None or peer.right is None or len(frames) != 3:
            return
        number, kind, payload = frames
        self._heard_at[identity] = time.monotonic()
        if kind == KEYS:
            self._tasks.spawn(self._answer_keys(peer, identity, number))
        elif kind == PING:
            self._drop_silent()
            await self._send([identity, PAGES, number, PING, identity])  # another one says that the streams are gone
        elif kind == OPEN:
            self._open((identity, number))
        elif (stream := self._streams.get((identity, number))) is not None:
            stream.take(kind, payload)
        elif kind == DATA:  # it is of an earlier gate
            await self._send([identity, PAGES, number, END, b""])

    async def _answer_keys(self, peer: PairedMachine, identity: bytes, number: bytes) -> None:
        await self._send([identity, PAGES, number, *await asyncio.to_thread(self._keys_of, peer)])

    def _keys_of(self, peer: PairedMachine) -> tuple[bytes, bytes]:
        try:
            keys = paired_pages.keys_of(load_keys(self._paths), peer)
        except PartylineError as error:
            return REFUSED, error.message.encode()
        return KEYS, msgspec.json.encode(keys)

    def _open(self, place: Place) -> None:
        identity, number = place
        of_machine = sum(1 for other, _ in self._streams if other == identity)
        if place in self._streams or of_machine >= MOST_STREAMS:
            self._tasks.spawn(self._send([identity, PAGES, number, END, b""]))
            return

        async def send(of: bytes, kind: bytes, payload: bytes) -> None:
            await self._send([identity, PAGES, of, kind, payload])

        stream = self._streams[place] = PageStream(number, send)
        self._tasks.spawn(self._carry(place, stream))

    async def _carry(self, place: Place, stream: PageStream) -> None:
        identity, number = place
        try:
            reader, writer = await asyncio.open_unix_connection(str(paired_pages.socket_of(self._paths.run)))
        except OSError as error:
            self._log.warning("the dashboard does not answer", error=str(error))
            await self._send([identity, PAGES, number, END, b""])
        else:
            await stream.carry(reader, writer)
        finally:
            del self._streams[place]

    def _drop_silent(self) -> None:
        """End the streams of machines that are gone, on the occasion of another one's ping or of their own return."""
        now = time.monotonic()
        gone = {identity for identity, at in self._heard_at.items() if now - at > GONE_S}
        for identity in gone:
            del self._heard_at[identity]
        for (identity, _), stream in self._streams.items():
            if identity in gone:
                stream.take(END, b"")
