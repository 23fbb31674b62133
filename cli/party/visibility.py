"""`partyline visibility`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import CHANGE_S, ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, printable
from common.requests import SetVisibility


def visibility(args: argparse.Namespace) -> int:
    done = run(ask_once(SetVisibility(open=args.who == "open"), CHANGE_S))
    echo(printable(done.message))
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "who", choices=["open", "invite-only"], help="open: friends of its members; invite-only: invited people"
    )


COMMANDS = {
    "visibility": Command(
        description="Set who can see and join the party.",
        example="partyline visibility invite-only",
        run=visibility,
        arguments=_arguments,
    )
}
