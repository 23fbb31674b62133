"""A wait for a push channel whose authorising frame races with a REST call."""

from __future__ import annotations

import asyncio

from simulator.parties.party import Device
from simulator.world import World

PATIENCE_S = 2.0


async def push_settled(world: World, device: Device) -> None:
    """Return once no connection of the device waits for its authorising frame, or after `PATIENCE_S`."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while world.push.current(device.key) is None and world.push.pending(device.key):
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(0.01)
