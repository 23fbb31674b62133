"""Detection of network changes. Polled once a second. Nothing is sent."""

from __future__ import annotations

from common.system.local_network import local_addresses


class NetworkDetector:
    """Detects that this machine has a new route to other networks."""

    def __init__(self) -> None:
        self._last = local_addresses()

    def has_new_route(self) -> bool:
        """Return whether there is a route that was not there at the last call."""
        last, self._last = self._last, local_addresses()
        return bool(self._last) and self._last != last
