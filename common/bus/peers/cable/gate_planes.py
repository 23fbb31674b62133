"""An audio plane at the gate: as it is here, frame by frame, or as Opus with all talkers of a tick in one message."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import zmq
import zmq.asyncio

from common.bus.peers.cable import voice_ticks
from common.bus.peers.cable.voice_codec import VoiceEncoders
from common.bus.peers.cable.voice_ticks import WAIT_NS, TickCollector
from common.bus.peers.keyring import PairedMachine
from common.bus.sockets import Site, tune
from common.errors import BadMessageError
from common.messages import wire

PCM = b"pcm/"


class GatePlane:
    """Carries a plane. It is subscribed to inside only while somebody outside wants it."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        local: Site,
        name: str,
        out: zmq.asyncio.Socket,
        peer_of: Callable[[zmq.Frame], PairedMachine | None],
    ) -> None:
        """`peer_of` returns the machine that sent a frame, None for one that may not listen."""
        self._out = out
        self._peer_of = peer_of
        self._inside = context.socket(zmq.SUB)
        tune(self._inside, high_water=4_000)
        local.connect(self._inside, name)
        self._out_now: zmq.Socket[bytes] = zmq.Socket.shadow(out)
        self._inside_now: zmq.Socket[bytes] = zmq.Socket.shadow(self._inside)
        self._as_opus = 0
        """Subscriptions to Opus."""
        self._encoders = VoiceEncoders()
        self._collector = TickCollector()

    async def run(self) -> None:
        """Carry until cancelled."""
        poller = zmq.asyncio.Poller()
        poller.register(self._inside, zmq.POLLIN)
        poller.register(self._out, zmq.POLLIN)
        while True:
            await poller.poll(None if self._collector.is_empty else WAIT_NS // 1_000_000)
            with contextlib.suppress(zmq.Again):
                while True:
                    self._wanted(self._out_now.recv(zmq.NOBLOCK, copy=False))
            with contextlib.suppress(zmq.Again):
                while True:
                    self._send(self._inside_now.recv_multipart(zmq.NOBLOCK))
            if self._collector.is_due(time.monotonic_ns()):
                self._send_tick()

    def _wanted(self, notice: zmq.Frame) -> None:
        begins, topic = notice.bytes[:1] == b"\x01", notice.bytes[1:]
        is_opus = topic == voice_ticks.TOPIC
        if not (is_opus or topic.startswith(PCM)) or (begins and not self._peer_of(notice)):
            return
        option = zmq.SUBSCRIBE if begins else zmq.UNSUBSCRIBE
        self._out.setsockopt(option, topic)
        self._inside.setsockopt(option, PCM if is_opus else topic)
        if is_opus:
            self._as_opus = max(0, self._as_opus + (1 if begins else -1))

    def _send(self, frames: list[bytes]) -> None:
        self._out_now.send_multipart(frames, zmq.NOBLOCK)
        if not self._as_opus:
            return
        try:
            frame, samples = wire.decode_audio(frames)
        except BadMessageError:
            return  # who takes the plane as it is counts it
        if not self._collector.belongs(frame):
            self._send_tick()
        now_ns = time.monotonic_ns()
        self._collector.add(frame, self._encoders.encode(frame, samples), now_ns)
        if self._collector.is_due(now_ns):
            self._send_tick()

    def _send_tick(self) -> None:
        self._out_now.send_multipart(voice_ticks.packed(self._collector.take()), zmq.NOBLOCK)
