"""`partyline follow`, which joins every party that a player joins."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, printable
from common.requests import FollowPlayer

LOOKUP_S = 60.0
OFF = "off"


def follow(args: argparse.Namespace) -> int:
    online_id = "" if args.player == OFF else args.player
    done = run(ask_once(FollowPlayer(online_id=online_id), LOOKUP_S))
    echo(printable(done.message))
    if online_id:
        echo("`partyline status` shows the progress. `partyline follow off`, `join`, `create` or `leave` ends it.")
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "player", metavar="ONLINE_ID|off", help="online id of a friend, or your own to follow your own console"
    )


COMMANDS = {
    "follow": Command(
        description="Join the party that a player is in, and every later one, until `partyline follow off`.",
        example="partyline follow Bo-Streams",
        run=follow,
        arguments=_arguments,
    )
}
