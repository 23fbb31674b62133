"""The limits of the unused data channel. It may be opened, and no more than a trickle passes.

aiortc sorts all out-of-order chunks at each new one, keeps fragments for ever, and ignores its own window. To the other
side, a packet refused here was lost. Its stack slows down, and finally ends the association. The limits are checked by
`benchmarks.guard.attack` (kind ``sctp``).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from common.basic.bucket import Bucket
from workers.media.guard.datagrams import DatagramGate

_HEADER, _CHUNK = 12, 4
_DATA, _FORWARD_TSN = 0, 192
_OPENS = 50
"""The payload protocol of DCEP (RFC 8832), which opens channels."""
PACKETS_PER_S, PACKETS_AT_ONCE = 5.0, 64.0
CHUNKS_PER_S, CHUNKS_AT_ONCE = 2.0, 64.0
BYTES_PER_S, BYTES_AT_ONCE = 2_000.0, 65_536.0
MAX_OPENED = 8
MAX_KEPT = 64
"""Chunks that aiortc may hold, out of order or fragmented."""
MAX_CHUNKS = 16
"""Chunks in one packet."""


class DataGuard:
    """The guard before `_handle_data` of an `RTCSctpTransport`."""

    def __init__(self, transport: Any, gate: DatagramGate, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport, self._gate, self._clock = transport, gate, clock
        self._take: Callable[[bytes], Awaitable[None]] = transport._handle_data  # noqa: SLF001
        transport._handle_data = self.on_data  # noqa: SLF001
        self._packets = Bucket(per_s=PACKETS_PER_S, at_once=PACKETS_AT_ONCE)
        self._chunks = Bucket(per_s=CHUNKS_PER_S, at_once=CHUNKS_AT_ONCE)
        self._bytes = Bucket(per_s=BYTES_PER_S, at_once=BYTES_AT_ONCE)
        self._opened = 0

    async def on_data(self, data: bytes) -> None:
        """Pass an SCTP packet on if it is within the limits. Raises only what ends the connection anyhow."""
        if not self._may_pass(data):
            self._gate.drop("data channel")
            return
        try:
            await self._take(data)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # it would end the connection
            self._gate.record_fault(error)

    def _may_pass(self, data: bytes) -> bool:
        now = self._clock()
        chunks = list(_chunks(data))
        if len(chunks) > MAX_CHUNKS or not self._packets.take(now):
            return False
        content = [chunk for chunk in chunks if chunk[0] in (_DATA, _FORWARD_TSN)]
        if not content:
            return True
        self._opened += sum(chunk[0] == _DATA and int.from_bytes(chunk[12:16], "big") == _OPENS for chunk in content)
        size = float(sum(len(chunk) for chunk in content))
        within = self._opened <= MAX_OPENED and self._kept() <= MAX_KEPT
        return within and self._chunks.take(now, float(len(content))) and self._bytes.take(now, size)

    def _kept(self) -> int:
        """Return how many chunks aiortc holds."""
        streams = self._transport._inbound_streams.values()  # noqa: SLF001
        waiting = sum(len(stream.reassembly) for stream in streams)
        return waiting + len(self._transport._sack_misordered)  # noqa: SLF001


def _chunks(data: bytes) -> Iterator[bytes]:
    at = _HEADER
    while at + _CHUNK <= len(data):
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < _CHUNK:
            return
        yield data[at : at + length]
        at += length + (-length % 4)
