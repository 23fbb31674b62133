"""`partyline logout`."""

from __future__ import annotations

import argparse
import sys

from cli.account.auth_process import run_auth
from cli.account.demo import leave_first
from cli.account.ways import FAR_SIGN_IN_S
from cli.pipeline.restart import restart_and_wait
from cli.shared import far
from cli.shared import supervisor as supervisors
from cli.shared.command import Command
from cli.shared.connect import ask, connect, listens, run
from cli.shared.failures import OK
from cli.shared.terminal import Style, echo
from common.bus import Bus
from common.config.realm import TOKEN_HOLDERS
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.requests import SignOut

SIGN_OUT_S = 30.0


def logout(args: argparse.Namespace) -> int:
    del args
    paths = Paths.of_environment()
    load(paths)
    found = None if far.machine() else supervisors.find(paths)
    if far.machine():
        run(_sign_out_there())
    elif found is None and not listens(paths, "auth"):
        run_auth("sign-out")
    else:
        run(_sign_out(paths, found))
    style = Style.of(sys.stdout)
    echo(style("Signed out of PlayStation Network. All tokens were deleted from the keychain and from files.", "green"))
    echo("The sign-in of your browser is a separate one. Sign out there too, so that the NPSSO becomes invalid.")
    return OK


async def _sign_out_there() -> None:
    """Sign a paired machine out. Its gate leaves the party and restarts the workers."""
    async with connect() as (bus, _):
        await bus.request(SignOut(), FAR_SIGN_IN_S)


async def _sign_out(paths: Paths, supervisor: supervisors.Supervisor | None) -> None:
    async with connect(paths) as (bus, bus_state):
        if bus_state.realm == "playstation":
            await leave_first(bus, bus_state)
        try:
            await ask(bus, SignOut(), SIGN_OUT_S)
        finally:
            if bus_state.realm == "playstation":
                await _restart_callers(bus, supervisor)


async def _restart_callers(bus: Bus, supervisor: supervisors.Supervisor | None) -> None:
    """Restart the workers that hold an access token, which stays valid for up to an hour."""
    if supervisor is None:
        echo(f"Restart {' and '.join(TOKEN_HOLDERS)} too. They still hold the last access token.", sys.stderr)
        return
    present = {process.name for process in supervisor.processes()}
    try:
        await restart_and_wait(supervisor, [name for name in TOKEN_HOLDERS if name in present], bus)
    except PartylineError as error:
        echo(f"{' and '.join(TOKEN_HOLDERS)} could not be restarted: {error.message}", sys.stderr)


COMMANDS = {
    "logout": Command(
        description="Leave the party and delete the sign-in to PlayStation Network, in the keychain and in files.\n\n"
        "It works with and without a running pipeline. The simulator's demo account stays.",
        example="partyline logout",
        run=logout,
    )
}
