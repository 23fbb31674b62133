"""A subscription to the control plane, without repeated and invalid messages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import structlog
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from common.errors import BadMessageError
from common.messages import wire
from common.messages.wire import Received


class Subscription:
    """An endless asynchronous iterator of `Received`. Invalid messages are counted and skipped."""

    def __init__(self, socket: zmq.asyncio.Socket) -> None:
        self._socket = socket
        self._monitor: zmq.asyncio.Socket | None = None
        self._seen: dict[str, tuple[str, int]] = {}
        self.bad = 0
        self._log = structlog.get_logger("bus")

    def __aiter__(self) -> AsyncIterator[Received]:
        return self

    async def __anext__(self) -> Received:
        while True:
            frames = await self._socket.recv_multipart()
            try:
                received = wire.decode(frames)
            except BadMessageError as error:
                self.bad += 1
                self._log.warning("bad message on the bus", error=error.message, count=self.bad)
                continue
            if not self._is_replay(received):
                return received

    def _is_replay(self, received: Received) -> bool:
        """Return whether this is a retained message that the broker repeated for another subscriber."""
        if not received.cls.RETAINED:
            return False
        stamp = (received.header.boot, received.header.seq)
        if self._seen.get(received.topic) == stamp:
            return True
        if received.message is None:
            self._seen.pop(received.topic, None)
        else:
            self._seen[received.topic] = stamp
        return False

    async def links(self) -> AsyncIterator[bool]:
        """Tell, without end, that the connection is up (True) or lost (False). ZeroMQ connects again by itself.

        A cable that was pulled is noticed after `common.bus.peers.curve.GONE_MS`.
        """
        if self._monitor is None:
            self._monitor = self._socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        while True:
            found = await recv_monitor_message(self._monitor)
            yield found["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED

    def close(self) -> None:
        if self._monitor is not None:
            self._socket.disable_monitor()
            self._monitor.close(linger=0)
        self._socket.close(linger=0)
