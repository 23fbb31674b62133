"""`partyline demo`."""

from __future__ import annotations

import argparse
import sys

from cli.account import switch_realm
from cli.shared import supervisor as supervisors
from cli.shared.bus_state import BusState
from cli.shared.command import Command
from cli.shared.connect import connect, run
from cli.shared.failures import OK
from cli.shared.terminal import echo
from common.bus import Bus
from common.config.realm import choose
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import PartyState
from common.requests import LeaveParty

LEAVE_S = 15.0


def demo(args: argparse.Namespace) -> int:
    del args
    paths = Paths.of_environment()
    load(paths)
    found = supervisors.find(paths)
    if found is None:
        choose(paths, "simulator")
        echo("The pipeline will use the simulator. Start it with `partyline up`.")
        return OK
    already = run(_back(paths, found))
    echo(
        "The pipeline already uses the simulator."
        if already
        else "The pipeline uses the simulator now, and joins its demo party."
    )
    echo("See `partyline status`.")
    return OK


async def _back(paths: Paths, found: supervisors.Supervisor) -> bool:
    async with connect(paths) as (bus, bus_state):
        if bus_state.realm == "simulator":
            choose(paths, "simulator")
            return True
        await leave_first(bus, bus_state)
        choose(paths, "simulator")
        echo("Switching to the simulator …")
        await switch_realm.switch(bus, found, "simulator")
        return False


async def leave_first(bus: Bus, bus_state: BusState) -> None:
    """Leave the party of the present realm. A failed leave does not stop the change of realm."""
    party = bus_state.one(PartyState)
    if party is None or party.phase == "none":
        return
    try:
        await bus.request(LeaveParty(), LEAVE_S)
    except PartylineError as error:
        echo(f"Leaving the party failed: {error.message}", sys.stderr)


COMMANDS = {
    "demo": Command(
        description="Leave the party and switch the pipeline back to the simulator and its demo party.",
        example="partyline demo",
        run=demo,
    )
}
