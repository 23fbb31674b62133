"""What every socket of the bus has in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zmq

from common import wire

SNAPSHOT = b"snapshot"
"""The question to the broker for what it retains."""


def endpoint(run: Path, name: str) -> str:
    return f"ipc://{run}/{name}.sock"


def tune(socket: zmq.Socket[Any], *, high_water: int) -> None:
    socket.setsockopt(zmq.LINGER, 300)
    socket.setsockopt(zmq.SNDHWM, high_water)
    socket.setsockopt(zmq.RCVHWM, high_water)
    socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
