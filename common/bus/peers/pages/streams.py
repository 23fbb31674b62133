"""TCP connections carried over a ZeroMQ socket, in both directions: the pages of a paired machine.

Frames are the number of the stream, a kind and a payload. A side has at most `WINDOW` bytes on the way in a stream, and
the other side acknowledges what it has passed on. So ZeroMQ's queues stay short, and nothing in them is ever dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

OPEN, DATA, TAKEN, END, PING = b"O", b"D", b"T", b"E", b"P"
CHUNK = 16 * 1024
WINDOW = 256 * 1024
"""Bytes on the way in one direction of a stream. At 20 ms of round trip that is 12 MB/s, more than pages need. All
streams of a machine together stay below ZeroMQ's high-water mark."""

Send = Callable[[bytes, bytes, bytes], Awaitable[None]]
"""Sends number, kind and payload to the other side."""


class PageStream:
    """One connection, from the moment that it is open on this side."""

    def __init__(self, number: bytes, send: Send) -> None:
        self._number = number
        self._send = send
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._queued = 0
        self._on_the_way = 0
        self._room = asyncio.Event()
        self._room.set()
        self._broken = False

    def take(self, kind: bytes, payload: bytes) -> None:
        """Take a frame of the other side."""
        match kind:
            case b"D" if payload:
                self._queued += len(payload)
                if self._queued > 2 * WINDOW:  # it does not keep to the window
                    self._broken = True
                    self._incoming.put_nowait(None)
                elif not self._broken:
                    self._incoming.put_nowait(payload)
            case b"T":
                self._on_the_way = max(0, self._on_the_way - int.from_bytes(payload[:8], "big"))
                self._room.set()
            case b"E":
                self._incoming.put_nowait(None)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry until one side ends, then end both."""
        out, back = asyncio.create_task(self._outward(reader)), asyncio.create_task(self._inward(writer))
        try:
            await asyncio.wait((out, back), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (out, back):
                task.cancel()
            await asyncio.gather(out, back, return_exceptions=True)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            await self._send(self._number, END, b"")

    async def _outward(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                while self._on_the_way >= WINDOW:
                    self._room.clear()
                    await self._room.wait()
                self._on_the_way += len(data)
                await self._send(self._number, DATA, data)

    async def _inward(self, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while (data := await self._incoming.get()) is not None:
                writer.write(data)
                await writer.drain()
                self._queued -= len(data)
                await self._send(self._number, TAKEN, len(data).to_bytes(8, "big"))
