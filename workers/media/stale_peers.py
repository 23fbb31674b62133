"""What an earlier run of media left on the bus."""

from __future__ import annotations

from collections.abc import Container

from common.bus import Bus
from common.errors import BusUnreachableError
from common.messages import PeerState, Speaking
from common.messages.wire import Received


async def stale_peers(bus: Bus, present: Container[str]) -> list[Received]:
    """Return what an earlier run said of peers that are not `present`. Raises `PartylineError`."""
    while True:
        try:
            left = await bus.snapshot(PeerState, Speaking)
        except BusUnreachableError:
            continue  # no broker yet: the request's own wait is the pause
        return [one for one in left if one.header.boot != bus.boot and one.key not in present]
