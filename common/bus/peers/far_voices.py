"""An audio plane of another machine, as one of this machine.

What subscribes to it here is subscribed to there, so that only what somebody hears crosses the network. TCP loses
nothing, but it stalls and then delivers all that waited. What came too late for everybody is dropped, and a connection
that has nothing but such a backlog is made anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Literal

import msgspec
import structlog
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from common.bus.peers.cable import voice_ticks
from common.bus.peers.cable.cable_arrivals import CableArrivals
from common.bus.peers.cable.far_ticks import FarTicks
from common.bus.peers.cable.voice_codec import VoiceDecoders
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.sockets import bind, tune
from common.bus.voice.opus import find_library
from common.errors import BadMessageError
from common.messages import AudioFrame, wire

Carriage = Literal["pcm", "opus"]
PCM = b"pcm/"
WAITING_FRAMES = 3_000
"""Frames that may wait for this process, or for a reader here: two seconds of 15 talkers. The oldest in the socket are
read first, and dropped if they are too old."""
AGAIN_S = 2.0
"""Least time between two connections that are given up because of their backlog."""


class FarVoicesState(msgspec.Struct, kw_only=True):
    """How the sound of another machine comes. Counters are totals since the start."""

    carriage: Carriage
    connected: bool = False
    wanted: bool = False
    """Somebody here hears it."""
    frames: int = 0
    missing: int = 0
    """Frames of sounding talkers that were lost on the way."""
    late: int = 0
    """Frames that came too late to be heard."""
    concealed: int = 0
    """Missing frames that were made up here."""
    connections: int = 0
    bytes_per_s: float = 0.0
    delay_ms: float = 0.0
    """Median from a frame's tick there until it is here, of the last 10 s."""
    worst_ms: float = 0.0
    jitter_ms: float = 0.0
    """How much later than the quickest one 95 % of the frames came at most, of the last 10 s."""


class FarVoices:
    """Binds an audio plane in `run` and fills it from the other machine's, with times by our clock."""

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        context: zmq.asyncio.Context,
        site: FarSite,
        run: Path,
        plane: str,
        clock: FarClock,
        carriage: Carriage,
    ) -> None:
        self._context = context
        self._site = site
        self._run_folder = run
        self._plane = plane
        self._clock = clock
        self._log = structlog.get_logger("far voices")
        self._arrivals = CableArrivals()
        self._ticks = FarTicks()
        self._clock_restarts = 0
        self._decoders: VoiceDecoders | None = None
        self._prefixes: set[bytes] = set()
        self._again_s = 0.0
        self.bad = 0
        """Frames that are none of this version."""
        self.state = FarVoicesState(carriage=carriage)

    async def run(self) -> None:
        """Carry the plane until cancelled. Raises `BusError` if it cannot be bound here."""
        here = self._context.socket(zmq.XPUB)
        tune(here, high_water=WAITING_FRAMES)
        try:
            bind(here, self._run_folder, self._plane)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._count())
                while True:
                    await self._carry(here)
        finally:
            here.close(linger=0)
            self.state.connected = False

    async def _count(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            self._arrivals.second(now - last)
            last = now
            self._tell()

    def _tell(self) -> None:
        state, arrivals = self.state, self._arrivals
        state.wanted = bool(self._prefixes)
        state.frames, state.missing, state.late = arrivals.frames, arrivals.missing, arrivals.late
        state.bytes_per_s, state.delay_ms = arrivals.bytes_per_s, arrivals.delay_ms
        state.worst_ms, state.jitter_ms = arrivals.worst_ms, arrivals.jitter_ms

    # --- one connection ----------------------------------------------------------------------------

    async def _carry(self, here: zmq.asyncio.Socket) -> None:
        """Carry on one socket, until its backlog is of no use."""
        there = self._context.socket(zmq.SUB)
        tune(there, high_water=WAITING_FRAMES)
        for prefix in self._subscriptions():
            there.subscribe(prefix)
        watched = there.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        watching = asyncio.create_task(self._watch(watched))
        self._arrivals.reconnected()
        try:
            self._site.connect(there, self._plane)
            await self._forward(there, here)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            there.disable_monitor()
            there.close(linger=0)
            self.state.connected = False

    async def _watch(self, watched: zmq.asyncio.Socket) -> None:
        while True:
            event = await recv_monitor_message(watched)
            self.state.connected = event["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED
            if self.state.connected:
                self.state.connections += 1
            self._log.info("connected" if self.state.connected else "disconnected", plane=self._plane)

    async def _forward(self, there: zmq.asyncio.Socket, here: zmq.asyncio.Socket) -> None:
        poller = zmq.asyncio.Poller()
        poller.register(there, zmq.POLLIN)
        poller.register(here, zmq.POLLIN)
        there_now: zmq.Socket[bytes] = zmq.Socket.shadow(there)
        here_now: zmq.Socket[bytes] = zmq.Socket.shadow(here)
        while not self._is_behind():
            await poller.poll()
            with contextlib.suppress(zmq.Again):
                while True:
                    self._subscribe(here_now.recv(zmq.NOBLOCK), there)
            with contextlib.suppress(zmq.Again):
                while True:  # all that is there: one turn of the event loop a frame would cost more than the frame
                    self._take(there_now.recv_multipart(zmq.NOBLOCK), here_now)

    def _is_behind(self) -> bool:
        if not self._arrivals.is_behind or time.monotonic() - self._again_s < AGAIN_S:
            return False
        self._again_s = time.monotonic()
        self._log.warning("the connection has a backlog and is made anew", plane=self._plane)
        return True

    def _subscribe(self, notice: bytes, there: zmq.asyncio.Socket) -> None:
        prefix = notice[1:]
        if not prefix.startswith(PCM):
            return
        before = self._subscriptions()
        if notice[:1] == b"\x01":
            self._prefixes.add(prefix)
        else:
            self._prefixes.discard(prefix)
        for added in self._subscriptions() - before:
            there.subscribe(added)
        for ended in before - self._subscriptions():
            there.unsubscribe(ended)

    def _subscriptions(self) -> set[bytes]:
        """Return what is subscribed to there: the same as here, or the one message of all talkers."""
        if self.state.carriage == "pcm":
            return set(self._prefixes)
        return {voice_ticks.TOPIC} if self._prefixes else set()

    # --- a frame -----------------------------------------------------------------------------------

    def _take(self, frames: list[bytes], here: zmq.Socket[bytes]) -> None:
        offset_ns = self._clock.tick_offset_ns
        if offset_ns is None:
            return  # its place in time is not known yet
        try:
            found = self._decoded(frames)
        except BadMessageError:
            self.bad += 1
            return
        now_ns, size = time.monotonic_ns() + offset_ns, sum(map(len, frames))
        for frame, samples in found:
            late_ms = (now_ns - frame.tick_ns) / 1e6
            self._arrivals.record(frame, size, late_ms)
            size = 0
            if not self._arrivals.is_old(late_ms):
                self._publish(self._by_our_clock(frame, offset_ns), samples, here)

    def _decoded(self, frames: list[bytes]) -> list[tuple[AudioFrame, bytes]]:
        """Return the frames that a message brings. Raises `BadMessageError`."""
        if frames[0] != voice_ticks.TOPIC:
            return [wire.decode_audio(frames)]
        if self._decoders is None:
            self._decoders = VoiceDecoders(find_library())
        found = self._decoders.decode(voice_ticks.unpacked(frames))
        self.state.concealed = self._decoders.concealed
        return found

    def _by_our_clock(self, frame: AudioFrame, offset_ns: int) -> AudioFrame:
        if self._clock.restarts != self._clock_restarts:
            self._clock_restarts = self._clock.restarts
            self._ticks.restart()
        return self._ticks.shifted(frame, offset_ns)

    @staticmethod
    def _publish(frame: AudioFrame, samples: bytes, here: zmq.Socket[bytes]) -> None:
        here.send_multipart(wire.encode_audio(frame, samples), zmq.NOBLOCK)
