"""The track of one listener: packets that are encoded already."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc import MediaStreamTrack
from av.packet import Packet

QUEUE = 10
"""Packets that may wait for a listener, 0.2 s. They wait only while this process is stalled.
Older ones are dropped."""


class EncodedTrack(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._queue: asyncio.Queue[Packet[Any]] = asyncio.Queue(QUEUE)
        self._is_read = False
        self.dropped = 0

    def put(self, packet: Packet[Any]) -> None:
        """Queue a packet. Before the listener is connected there is nobody to wait for it."""
        if not self._is_read:
            return
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(packet)

    async def recv(self) -> Packet[Any]:
        """Return the next packet, when it is there."""
        self._is_read = True
        return await self._queue.get()
