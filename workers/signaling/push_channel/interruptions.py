"""Detection of network changes. Polled once a second. Nothing is sent."""

from __future__ import annotations

import contextlib
import socket

_REMOTE = ("192.0.2.1", "2001:db8::1")
"""Documentation addresses. Nothing is sent to them, and the system only reports the local address it would use."""


class NetworkDetector:
    """Detects that this machine has a new route to other networks."""

    def __init__(self) -> None:
        self._last = local_addresses()

    def has_new_route(self) -> bool:
        """Return whether there is a route that was not there at the last call."""
        last, self._last = self._last, local_addresses()
        return bool(self._last) and self._last != last


def local_addresses() -> str:
    """Return the local addresses by which datagrams would leave, "" without a network."""
    found = []
    for family, address in zip((socket.AF_INET, socket.AF_INET6), _REMOTE, strict=True):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            found.append(str(probe.getsockname()[0]))
    return " ".join(found)
