"""The pages of a paired machine on a port of this one: a server on loopback, whose connections go through the gate.

A browser takes loopback for a secure context, so no certificate is needed. ZeroMQ encrypts what crosses the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator

import msgspec
import zmq
import zmq.asyncio

from common.basic.tasks import Tasks
from common.bus.peers.far_site import FarSite
from common.bus.peers.pages.page_gate import KEYS, PAGES
from common.bus.peers.pages.streams import DATA, END, OPEN, PING, PageStream
from common.bus.sockets import tune
from common.config.pages import Keys
from common.errors import BusError, BusUnreachableError

ANSWER_S = 5.0
"""Limit for the keys. A handshake takes three ways through the network."""
PING_S = 2.0
"""The answer says whether the connection is still the same. After an outage pages wait for as long at most."""
GONE_S = 15.0
"""Streams of a machine that was silent for so long are ended. Pages then connect again by themselves."""


class FarPages:
    """Use `opened`, then `run`. `keys` are those by which this machine opens the pages."""

    def __init__(self, context: zmq.asyncio.Context, site: FarSite, port: int) -> None:
        self._context = context
        self._site = site
        self._port = port
        self._streams: dict[bytes, PageStream] = {}
        self._numbers = itertools.count(1)
        self._socket = self._connected()
        self._heard_at = time.monotonic()
        self._tasks = Tasks()
        self._connection = b""
        """What the gate calls this machine's connection. A new one has none of the streams."""
        self.keys = Keys(full="", read="")

    def _connected(self) -> zmq.asyncio.Socket:
        socket = self._context.socket(zmq.DEALER)
        tune(socket, high_water=2_000)
        self._site.connect(socket, "ask")
        return socket

    @contextlib.asynccontextmanager
    async def known(self) -> AsyncIterator[None]:
        """Ask for the keys. Raises `BusUnreachableError` or `BusError`."""
        try:
            await self._ask_keys()
            yield
        finally:
            self._socket.close(linger=0)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Ask for the keys and listen. Raises `BusUnreachableError` or `BusError`."""
        async with self.known():
            try:
                server = await asyncio.start_server(self._take, "127.0.0.1", self._port)
            except OSError as error:
                raise BusError(
                    f"Port {self._port} of this machine cannot be opened: {error.strerror or error}.",
                    "Choose another one with `--port`.",
                ) from error
            try:
                yield
            finally:
                server.close()
                await self._tasks.cancel()

    async def run(self) -> None:
        """Carry until cancelled. A machine that is away is waited for."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive())
            group.create_task(self._ping())

    @property
    def is_away(self) -> bool:
        """Return whether the other machine was silent for too long."""
        return time.monotonic() - self._heard_at > GONE_S

    async def _ask_keys(self) -> None:
        await self._send(bytes(8), KEYS, b"")
        try:
            async with asyncio.timeout(ANSWER_S):
                frames = await self._socket.recv_multipart()
        except TimeoutError as error:
            raise BusUnreachableError(
                "The other machine does not answer.",
                "Is partyline running there (`partyline status`)? `partyline peers` there must list this machine.",
            ) from error
        if len(frames) != 4 or frames[2] != KEYS:
            said = frames[-1].decode("utf-8", "replace")[:200]
            raise BusError(f"The other machine does not open its pages: {said}", "Use one version on both machines.")
        self.keys = msgspec.json.decode(frames[3], type=Keys)

    async def _receive(self) -> None:
        while True:
            frames = await self._socket.recv_multipart()
            self._heard_at = time.monotonic()
            if len(frames) != 4 or frames[0] != PAGES:
                continue
            _, number, kind, payload = frames
            if kind == PING:
                self._note_connection(payload)
            elif (stream := self._streams.get(number)) is not None:
                stream.take(kind, payload)
            elif kind == DATA:
                await self._send(number, END, b"")

    def _note_connection(self, connection: bytes) -> None:
        if self._connection not in (b"", connection):
            self._end_streams()
        self._connection = connection

    def _end_streams(self) -> None:
        for stream in self._streams.values():
            stream.take(END, b"")

    async def _ping(self) -> None:
        while True:
            await self._send(bytes(8), PING, b"")
            await asyncio.sleep(PING_S)
            if self.is_away:
                self._end_streams()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.spawn(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(self._numbers).to_bytes(8, "big")
        stream = self._streams[number] = PageStream(number, self._send)
        try:
            await self._send(number, OPEN, b"")
            await stream.carry(reader, writer)
        finally:
            del self._streams[number]
            writer.close()

    async def _send(self, number: bytes, kind: bytes, payload: bytes) -> None:
        await self._socket.send_multipart([PAGES, number, kind, payload])
