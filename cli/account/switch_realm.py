"""The switch of a running pipeline to another realm."""

from __future__ import annotations

import asyncio
import time

from cli.pipeline.restart import restart_and_wait
from cli.pipeline.startup import POLL_S
from cli.shared.bus_state import BusState
from cli.shared.connect import snapshot
from cli.shared.failures import CommandError
from cli.shared.supervisor import Supervisor
from common.bus import Bus
from common.config.realm import READERS, VARIABLE, Realm
from common.errors import BusUnreachableError
from common.messages import AuthState

SWITCH_S = 30.0


async def switch(bus: Bus, supervisor: Supervisor | None, realm: Realm) -> BusState:
    """Restart `READERS` if the pipeline is in another realm, and wait until auth is in this one.

    Raises `CommandError` if they cannot be restarted, or stay in the other realm.
    """
    bus_state = await snapshot(bus)
    if bus_state.realm == realm:
        return bus_state
    if supervisor is None:
        raise CommandError(
            "The workers run without supervisord, so this command cannot restart them.",
            f"Restart {', '.join(READERS)}, then try again.",
        )
    present = {process.name for process in supervisor.processes()}
    await restart_and_wait(supervisor, [name for name in READERS if name in present], bus)
    return await _wait_for(bus, realm)


async def _wait_for(bus: Bus, realm: Realm) -> BusState:
    deadline = time.monotonic() + SWITCH_S
    while time.monotonic() < deadline:
        try:
            bus_state = await snapshot(bus, wait_s=1.0)
        except BusUnreachableError:
            continue
        auth = bus_state.one(AuthState)
        if auth and auth.realm == realm:
            return bus_state
        await asyncio.sleep(POLL_S)
    raise CommandError(
        f"The workers did not switch to the realm {realm!r} of the settings file.",
        f"supervisord may have {VARIABLE} in its environment. Run `partyline down`, unset it, and run `partyline up`.",
    )
