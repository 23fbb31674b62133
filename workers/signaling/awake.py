"""Did this machine, or this process, pause? Has the network changed? Asked once a second; nothing is sent."""

from __future__ import annotations

import contextlib
import socket

PAUSED_S = 3.0
"""A tick that comes so late was held up by more than load: a sleep, a stopped process, a suspended machine."""
_ELSEWHERE = ("192.0.2.1", "2001:db8::1")
"""Addresses for documentation: nothing is sent to them, the system only says by which way it would."""


class Naps:
    """`tick` wants to be called each `every_s` seconds of a clock that also runs while the machine sleeps."""

    def __init__(self, every_s: float, now: float) -> None:
        self._every_s = every_s
        self._last = now

    def tick(self, now: float) -> float:
        """Return for how long there was a pause since the last tick; 0.0: there was none."""
        late, self._last = now - self._last - self._every_s, now
        return late if late >= PAUSED_S else 0.0


class Network:
    """Notices when this machine gets a way out, or another one."""

    def __init__(self) -> None:
        self._last = way_out()

    def came(self) -> bool:
        """Return whether there is a way out that was not there before."""
        last, self._last = self._last, way_out()
        return bool(self._last) and self._last != last


def way_out() -> str:
    """Return the local addresses by which datagrams would leave; "" while there is no network."""
    found = []
    for family, address in zip((socket.AF_INET, socket.AF_INET6), _ELSEWHERE, strict=True):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            found.append(str(probe.getsockname()[0]))
    return " ".join(found)
