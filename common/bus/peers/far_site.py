"""The sockets of a pipeline on another machine, as a process here connects to them."""

from __future__ import annotations

from typing import Any

import zmq

from common.bus.audio import MEDIA_PLANE
from common.bus.peers import curve
from common.bus.peers.curve import CurveKeys
from common.bus.sockets import OUT
from common.errors import BusError
from common.messages import MIX_PLANE

PORTS = {"ask": 0, OUT: 1, MEDIA_PLANE: 2, MIX_PLANE: 3}
"""Socket of the gate → what is added to its first port."""


class FarSite:
    """A gate, `FarSite(address, own keys, its public key)`. See `common.bus.sockets.Site`."""

    def __init__(self, address: str, keys: CurveKeys, server: str) -> None:
        self._host, self._port = split(address)
        self._keys = keys
        self._server = server

    def connect(self, socket: zmq.Socket[Any], name: str) -> None:
        """Connect to the gate's socket of that name. One of them asks all workers. Nothing is published there."""
        curve.join(socket, self._keys, self._server)
        if socket.type == zmq.XPUB:
            return
        port = PORTS[name if name in PORTS else "ask"]
        socket.connect(f"tcp://{self._host}:{self._port + port}")

    def addressed(self, worker: str, frames: list[bytes]) -> list[bytes]:  # a Site's
        return [worker.encode(), *frames]


def split(address: str) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[v6]:port``. Raises `BusError`."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536 - len(PORTS):
        raise BusError(f"{address!r} is no address of a machine.", "It is HOST:PORT, as studio-mini.local:8772.")
    return host, int(port)
