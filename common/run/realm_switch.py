"""The switch of a running pipeline to PlayStation Network, for who signs in from a page or from another machine."""

from __future__ import annotations

import asyncio

from common.bus import Bus
from common.config import realm
from common.files.paths import Paths
from common.messages import PartyState
from common.requests import LeaveParty
from common.run.supervisor import Supervisor

LEAVE_S = 60.0
"""Time limit of the leave, which calls PlayStation."""


async def switch_to_playstation(bus: Bus, paths: Paths, supervisor: Supervisor, party: PartyState | None) -> None:
    """Leave the party of the other realm, choose PlayStation's, and restart what reads it. Raises `PartylineError`."""
    if party is not None and party.phase != "none":
        await bus.request(LeaveParty(), LEAVE_S)
    await asyncio.to_thread(realm.choose, paths, "playstation")
    await restart_present(supervisor, realm.READERS)


async def restart_present(supervisor: Supervisor, names: tuple[str, ...]) -> None:
    """Restart those of the workers that supervisord has. Raises `SupervisorError`."""
    known = {process.name for process in await asyncio.to_thread(supervisor.processes)}
    await asyncio.to_thread(supervisor.restart, [name for name in names if name in known])
