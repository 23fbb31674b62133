"""The other machine's clock against ours, by questions to its gate."""

from __future__ import annotations

import asyncio
import time

import structlog
import zmq
import zmq.asyncio

from common.basic.clock import boot_s
from common.bus.peers.cable.clock_offset import ClockOffset, ClockReading
from common.bus.peers.far_site import FarSite
from common.bus.sockets import CLOCK, tune
from common.errors import BadMessageError

ASK_EVERY_S = 1.0
"""Chosen so that a clock that stepped is noticed within 3 s. A question and its answer are 300 bytes."""
QUICK_QUESTIONS, QUICK_S = 8, 0.05
"""The first questions of a connection follow each other fast, so that its delay is known before sound comes."""
ANSWER_S = 2.0
"""A slower answer says nothing of the clock. The connection is then made anew."""


class FarClock:
    def __init__(self, context: zmq.asyncio.Context, site: FarSite) -> None:
        self._context = context
        self._site = site
        self._log = structlog.get_logger("far clock")
        self._offset = ClockOffset()
        self.answers = 0

    @property
    def offset_s(self) -> float | None:
        """Their boot clock minus ours. None before the first answer."""
        return self._offset.offset_s(boot_s())

    @property
    def tick_offset_ns(self) -> int | None:
        """Their clock of `AudioFrame.tick_ns` minus ours. Unlike the boot clock it stands still in sleep."""
        offset_s, asleep_s = self.offset_s, self._offset.asleep_s
        if offset_s is None or asleep_s is None:
            return None
        return round((offset_s - asleep_s + boot_s() - time.monotonic()) * 1e9)

    @property
    def round_trip_s(self) -> float | None:
        """The quickest round trip of the last minutes."""
        return self._offset.round_trip_s

    @property
    def ppm(self) -> float:
        """How much faster their clock runs, in parts per million."""
        return self._offset.ppm

    @property
    def restarts(self) -> int:
        """How often one of the clocks stepped, or the other machine was booted."""
        return self._offset.restarts

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            socket = self._context.socket(zmq.DEALER)
            tune(socket, high_water=10)
            try:
                self._site.connect(socket, "gate")
                await self._ask_on(socket)
            except (TimeoutError, BadMessageError) as error:
                self._log.info("the other machine's clock does not answer", why=str(error) or "no reply")
            finally:
                socket.close(linger=0)
            await asyncio.sleep(ASK_EVERY_S)

    async def _ask_on(self, socket: zmq.asyncio.Socket) -> None:
        """Ask on one connection until an answer fails. The first one contains the handshake and is not counted."""
        await self._ask(socket)
        asked = 0
        while True:
            before_s = boot_s()
            theirs = await self._ask(socket)
            self._offset.record(before_s, boot_s(), theirs)
            self.answers += 1
            asked += 1
            await asyncio.sleep(ASK_EVERY_S if asked > QUICK_QUESTIONS else QUICK_S)

    async def _ask(self, socket: zmq.asyncio.Socket) -> ClockReading:
        """Return the answer. Raises `TimeoutError`, or `BadMessageError` if it is a refusal or of another version."""
        async with asyncio.timeout(ANSWER_S):
            await socket.send_multipart(self._site.addressed("gate", [CLOCK]))
            reply = await socket.recv_multipart()
        try:
            _, boot, monotonic, boot_id = reply
            return ClockReading(boot_s=float(boot), monotonic_s=float(monotonic), boot=boot_id.decode("ascii"))
        except ValueError as error:
            raise BadMessageError(f"{len(reply)} frames, beginning with {reply[0][:40]!r}, are no clocks") from error
