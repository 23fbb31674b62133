"""The other machine's boot clock against ours: the quickest of the last answers of its gate."""

from __future__ import annotations

import asyncio
from collections import deque

import zmq
import zmq.asyncio

from common.basic.clock import boot_s
from common.bus.peers.far_site import FarSite
from common.bus.sockets import CLOCK, tune

ASK_EVERY_S = 1.0
ANSWER_S = 2.0
KEPT = 30
"""Answers of half a minute, in which two clocks differ by a few milliseconds at most."""


class FarClock:
    def __init__(self, context: zmq.asyncio.Context, site: FarSite) -> None:
        self._context = context
        self._site = site
        self._answers: deque[tuple[float, float]] = deque(maxlen=KEPT)

    @property
    def offset_s(self) -> float | None:
        """Their boot clock minus ours. None before the first answer."""
        return min(self._answers)[1] if self._answers else None

    @property
    def round_trip_s(self) -> float | None:
        return min(self._answers)[0] if self._answers else None

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            socket = self._context.socket(zmq.DEALER)
            tune(socket, high_water=10)
            try:
                self._site.connect(socket, "gate")
                while True:
                    await self._ask(socket)
                    await asyncio.sleep(ASK_EVERY_S if len(self._answers) > 3 else 0.05)
            except (TimeoutError, ValueError):
                await asyncio.sleep(ASK_EVERY_S / 2)
            finally:
                socket.close(linger=0)

    async def _ask(self, socket: zmq.asyncio.Socket) -> None:
        before = boot_s()
        async with asyncio.timeout(ANSWER_S):
            await socket.send_multipart(self._site.addressed("gate", [CLOCK]))
            reply = await socket.recv_multipart()
        after = boot_s()
        if reply[0] == b"error":
            raise ValueError("refused")
        self._answers.append((after - before, float(reply[1]) - (before + after) / 2))
