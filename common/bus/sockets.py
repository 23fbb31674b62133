"""What every socket of the bus has in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import zmq

from common.errors import BusError
from common.messages import wire

SNAPSHOT = b"snapshot"
"""The question to the broker for what it retains."""


OUT = "bus-out"
"""Name of the broker's socket that publishes."""
IN = "bus-in"
"""Name of the broker's socket that takes what is published."""

CLOCK = b"clock"
"""The question to a gate for its machine's clocks. The answer is Unix seconds, `boot_s`, `time.monotonic` and
`boot_id`, each as text."""
ABOUT = b"about"
"""The question to a gate for its version and for what the asking machine may do there."""
DOCTOR = b"doctor"
"""The question to a gate for what `partyline doctor` says on its machine. The answer is the command's JSON."""


class Site(Protocol):
    """Where the sockets of a pipeline are: in a folder of this machine, or at another machine's gate."""

    def connect(self, socket: zmq.Socket[Any], name: str) -> None:
        """Connect to the socket of that name: `OUT`, `IN`, a worker's or an audio plane's."""

    def addressed(self, worker: str, frames: list[bytes]) -> list[bytes]:
        """Return the frames of a request with what the site needs to know of its way."""


class LocalSite:
    """The sockets in a home's `run`."""

    def __init__(self, run: Path) -> None:
        self._run = run

    def connect(self, socket: zmq.Socket[Any], name: str) -> None:
        socket.connect(endpoint(self._run, name))

    def addressed(self, worker: str, frames: list[bytes]) -> list[bytes]:  # noqa: ARG002  # its socket is its own
        return frames


def site_of(place: Path | Site) -> Site:
    return LocalSite(place) if isinstance(place, Path) else place


def endpoint(run: Path, name: str) -> str:
    return f"ipc://{run}/{name}.sock"


def bind(socket: zmq.Socket[Any], run: Path, name: str) -> None:
    """Bind the socket of that name; raises `BusError` with the system's reason."""
    try:
        socket.bind(endpoint(run, name))
    except zmq.ZMQError as error:
        raise BusError(
            f"The socket {run / name}.sock cannot be made: {error.strerror or error}.",
            "Check that this folder is yours, that its disk can be written, and that it is on a disk of this machine. "
            "`partyline down` and `partyline up` take another folder where it cannot.",
        ) from error


def tune(socket: zmq.Socket[Any], *, high_water: int) -> None:
    socket.setsockopt(zmq.LINGER, 300)
    socket.setsockopt(zmq.SNDHWM, high_water)
    socket.setsockopt(zmq.RCVHWM, high_water)
    socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
