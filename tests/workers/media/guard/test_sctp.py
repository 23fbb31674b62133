"""The limits of the unused data channel, in made-up time."""

from __future__ import annotations

from typing import Any

import pytest

from workers.media.guard.datagrams import DatagramGate
from workers.media.guard.sctp import MAX_CHUNKS, MAX_KEPT, MAX_OPENED, PACKETS_AT_ONCE, DataGuard

DATA, SACK = 0, 3
OPENS, TEXT = 50, 51


class Transport:
    """The parts of an `RTCSctpTransport` that the guard uses."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.error: Exception | None = None
        self._inbound_streams: dict[int, Any] = {}
        self._sack_misordered: set[int] = set()
        self._handle_data = self.take

    async def take(self, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.taken.append(data)


class Rig:
    def __init__(self) -> None:
        self.now, self.transport, self.gate = 0.0, Transport(), DatagramGate()
        DataGuard(self.transport, self.gate, lambda: self.now)

    async def send(self, *chunks: bytes) -> bool:
        """Return whether a packet of these chunks passes."""
        before = len(self.transport.taken)
        await self.transport._handle_data(bytes(12) + b"".join(chunks))
        return len(self.transport.taken) > before


def chunk(kind: int = DATA, size: int = 20, protocol: int = TEXT) -> bytes:
    return bytes([kind, 0]) + size.to_bytes(2, "big") + bytes(8) + protocol.to_bytes(4, "big") + bytes(size - 16)


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_a_trickle_passes_for_ever(rig: Rig) -> None:
    for second in range(300):
        rig.now = float(second)
        assert await rig.send(chunk())
        assert await rig.send(chunk(SACK))
    assert not rig.gate.dropped


async def test_more_packets_than_a_stack_sends_are_dropped(rig: Rig) -> None:
    passed = [await rig.send(chunk(SACK)) for _ in range(200)]
    assert passed.count(True) == PACKETS_AT_ONCE
    assert rig.gate.dropped["data channel"] == 200 - PACKETS_AT_ONCE
    rig.now = 1.0
    assert await rig.send(chunk(SACK))


async def test_many_chunks_bytes_or_channels_are_dropped(rig: Rig) -> None:
    assert not await rig.send(*[chunk(SACK)] * (MAX_CHUNKS + 1))
    opened = []
    for second in range(0, 10 * (MAX_OPENED + 2), 10):
        rig.now = float(second)
        opened.append(await rig.send(chunk(protocol=OPENS)))
    assert opened == [True] * MAX_OPENED + [False] * 2


async def test_nothing_is_added_while_aiortc_holds_too_much(rig: Rig) -> None:
    rig.transport._sack_misordered = set(range(MAX_KEPT + 1))
    assert not await rig.send(chunk())
    assert await rig.send(chunk(SACK))


async def test_an_error_of_aiortc_is_recorded_and_only_a_lost_connection_is_passed_on(rig: Rig) -> None:
    rig.transport.error = ValueError("odd")
    assert not await rig.send(chunk())
    assert (rig.gate.last_fault, rig.gate.dropped["fault"]) == ("ValueError: odd", 1)
    rig.transport.error = ConnectionError()
    with pytest.raises(ConnectionError):
        await rig.send(chunk())
