"""`partyline leave`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import ask, connect, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, printable
from common.requests import LeaveParty

LEAVE_S = 30.0


def leave(args: argparse.Namespace) -> int:
    del args
    message = run(_leave())
    echo(printable(message) or "Left the party.")
    return OK


async def _leave() -> str:
    async with connect() as (bus, bus_state):
        done = await ask(bus, LeaveParty(), LEAVE_S)  # also without a party: it repeats unconfirmed leaves
        return done.message if bus_state.joined else "There was no party to leave."


COMMANDS = {
    "leave": Command(
        description="Leave the party. The pipeline keeps running.",
        example="partyline leave",
        run=leave,
    )
}
