"""The publishing side of the control plane: what a process retains, and what waits for a broker."""

from __future__ import annotations

import time
from collections import deque

import structlog
import zmq
import zmq.asyncio

from common.bus.sockets import IN, Site, tune
from common.messages import Message, wire
from common.messages.wire import Header

_WAITING_LIMIT = 512
"""Most messages that wait for a broker, chosen to bound the memory. Beyond it the oldest is dropped."""


class Publisher:
    """The messages of one process. They go to the broker, or wait for it. `run` it beside the process' work."""

    def __init__(self, context: zmq.asyncio.Context, site: Site, name: str, boot: str) -> None:
        self._name = name
        self._boot = boot
        self._log = structlog.get_logger("bus")
        self._seq = 0
        self._linked = False
        self._retained: dict[str, list[bytes]] = {}
        self._waiting: deque[list[bytes]] = deque(maxlen=_WAITING_LIMIT)
        # An XPUB receives the broker's subscription, which shows when a broker (re)appears. A PUB does not.
        self._socket = context.socket(zmq.XPUB)
        tune(self._socket, high_water=10_000)
        self._socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        site.connect(self._socket, IN)

    @property
    def linked(self) -> bool:
        """Whether a broker is connected."""
        return self._linked

    def publish(self, message: Message, caused_by: str) -> str:
        """Publish without waiting. Return the message's id."""
        header = self.header(caused_by)
        frames = wire.encode(message, header)
        if message.RETAINED:
            self._retained[message.topic()] = frames
        self._send(frames, keep=not message.RETAINED)
        return f"{self._name}:{header.seq}"

    def clear(self, topic: str) -> None:
        """Remove the retained message of this topic everywhere."""
        self._retained.pop(topic, None)
        self._send(wire.encode_clear(topic, self.header()), keep=True)

    def header(self, caused_by: str = "") -> Header:
        """Return the header of the next message or request."""
        self._seq += 1
        return Header(sender=self._name, boot=self._boot, seq=self._seq, at=time.time(), caused_by=caused_by)

    async def run(self) -> None:
        """Watch the connection to the broker. Whenever one appears, send it what is retained and what waited."""
        while True:
            notice = await self._socket.recv()
            self._linked = notice[:1] == b"\x01"
            if not self._linked:
                continue
            for frames in [*self._retained.values(), *self._waiting]:
                self._socket.send_multipart(frames)
            self._waiting.clear()

    def close(self) -> None:
        """Send what is pending, within 300 ms, and close the socket."""
        self._socket.close(linger=300)

    def _send(self, frames: list[bytes], *, keep: bool) -> None:
        if self._linked:
            self._socket.send_multipart(frames)  # an XPUB never blocks, so no await
        elif keep:
            if len(self._waiting) == _WAITING_LIMIT:
                self._log.warning("no broker: the oldest waiting message is lost")
            self._waiting.append(frames)
