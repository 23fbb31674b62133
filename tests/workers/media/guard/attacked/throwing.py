"""What throws datagrams at a connected peer, for its tests."""

from __future__ import annotations

import os
import random
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.workers.media.guard.peers import Pair


@contextmanager
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield sock


def our_address(pair: Pair) -> tuple[str, int]:
    chosen = pair.ours_ice._nominated[1]
    return chosen.local_addr


def their_send(pair: Pair) -> Callable[[bytes], None]:
    """Return what sends raw datagrams from the other side's own socket; asyncio's transport sends no empty ones."""
    chosen = pair.other.transport.transport._connection._nominated[1]
    number = chosen.protocol.transport.get_extra_info("socket").fileno()

    def send(data: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, fileno=os.dup(number)) as sock:
            sock.sendto(data, chosen.remote_addr)

    return send


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def stun_garbage(draw: random.Random) -> bytes:
    """A STUN message with an attribute whose length does not fit: aioice meets `struct.error`."""
    kind = draw.choice((0x0024, 0x8029, 0x0008, 0x0006, 0x0009, 0x0020, 0x8028))
    body = struct.pack("!HH", kind, draw.randrange(8)) + draw.randbytes(draw.randrange(3) * 4)
    return struct.pack("!HHI", 1, len(body), 0x2112A442) + draw.randbytes(12) + body
