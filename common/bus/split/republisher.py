"""What another machine's workers say, published here under their own names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import zmq
import zmq.asyncio

from common.bus.sockets import IN, LocalSite, tune
from common.messages import wire


class Republisher:
    """Publishes frames as they came. A broker that appears gets what is retained, as from a worker. Use one loop."""

    def __init__(self, context: zmq.asyncio.Context, run: Path) -> None:
        self._store = wire.RetainedStore()
        self._linked = False
        self._socket = context.socket(zmq.XPUB)  # an XPUB is told of a broker, see `Publisher`
        tune(self._socket, high_water=10_000)
        self._socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        LocalSite(run).connect(self._socket, IN)

    def publish(self, frames: Sequence[bytes]) -> None:
        """Publish without waiting. Raises `BadMessageError` for what is no message."""
        self._store.record(frames)
        if self._linked:
            self._socket.send_multipart(list(frames))  # an XPUB never blocks

    def retained(self, prefix: str) -> list[tuple[bytes, ...]]:
        return self._store.matching(prefix)

    async def run(self) -> None:
        """Watch for brokers, until cancelled."""
        while True:
            notice = await self._socket.recv()
            self._linked = notice[:1] == b"\x01"
            if self._linked:
                for frames in self._store.matching(""):
                    self._socket.send_multipart(list(frames))

    def close(self) -> None:
        """Send what is pending, within 300 ms, and close the socket."""
        self._socket.close(linger=300)
