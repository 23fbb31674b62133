"""`partyline follow`, which joins every party that a person joins."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import ask, connect, run
from cli.shared.failures import OK
from cli.shared.output import printable, say
from common.requests import Done, FollowPlayer

LOOKUP_S = 60.0
OFF = "off"


def follow(args: argparse.Namespace) -> int:
    done = run(_follow("" if args.whom == OFF else args.whom))
    say(printable(done.message))
    if args.whom != OFF:
        say("`partyline status` shows how that stands; `partyline follow off`, `join`, `create` or `leave` ends it.")
    return OK


async def _follow(online_id: str) -> Done:
    async with connect() as (bus, _):
        done: Done = await ask(bus, FollowPlayer(online_id=online_id), LOOKUP_S)
        return done


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("whom", metavar="ONLINE_ID|off", help="a friend, or your own account for your own console")


COMMANDS = {
    "follow": Command(
        description="Be in whatever party somebody is in, and in their next one after it ends.",
        example="partyline follow Bo-Streams",
        run=follow,
        arguments=_arguments,
    )
}
