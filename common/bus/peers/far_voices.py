"""The other machine's voices on an audio plane of this one: PCM, passed through.

A small stand-in for what handles loss, jitter and drift: it shifts the times of frames by the clocks' difference, and
nothing else. It carries PCM whatever `carriage` says.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import msgspec
import zmq
import zmq.asyncio

from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.sockets import bind, tune
from common.errors import BadMessageError
from common.messages import wire

Carriage = Literal["pcm", "opus"]


class FarVoicesState(msgspec.Struct, kw_only=True):
    connected: bool = False
    frames: int = 0
    missing: int = 0
    late: int = 0
    bytes_per_s: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0


class FarVoices:
    """Binds an audio plane in `run` and fills it from the other machine's."""

    def __init__(  # noqa: PLR0913, PLR0917  # the seam
        self,
        context: zmq.asyncio.Context,
        site: FarSite,
        run: Path,
        plane: str,
        clock: FarClock,
        carriage: Carriage,  # noqa: ARG002  # the stand-in knows one
    ) -> None:
        self._clock = clock
        self.state = FarVoicesState()
        self._out = context.socket(zmq.XPUB)
        tune(self._out, high_water=4_000)
        self._out.setsockopt(zmq.XPUB_VERBOSER, 1)
        bind(self._out, run, plane)
        self._in = context.socket(zmq.SUB)
        tune(self._in, high_water=4_000)
        site.connect(self._in, plane)

    async def run(self) -> None:
        """Carry until cancelled. ZeroMQ reconnects by itself."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._wanted())
                group.create_task(self._carry())
        finally:
            self._out.close(linger=0)
            self._in.close(linger=0)

    async def _wanted(self) -> None:
        while True:
            notice = await self._out.recv()
            self._in.setsockopt(zmq.SUBSCRIBE if notice[:1] == b"\x01" else zmq.UNSUBSCRIBE, notice[1:])

    async def _carry(self) -> None:
        while True:
            frames = await self._in.recv_multipart()
            offset = self._clock.offset_s
            if offset is None:
                continue
            try:
                frame, samples = wire.decode_audio(frames)
            except BadMessageError:
                continue
            self.state.connected = True
            self.state.frames += 1
            shift = round(offset * 1e9)
            frame = msgspec.structs.replace(
                frame, tick_ns=frame.tick_ns - shift, arrived_ns=frame.arrived_ns and frame.arrived_ns - shift
            )
            await self._out.send_multipart(wire.encode_audio(frame, samples))
