"""`partyline rename`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import CHANGE_S, ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, printable
from common.requests import RenameParty


def rename(args: argparse.Namespace) -> int:
    done = run(ask_once(RenameParty(name=args.name), CHANGE_S))
    echo(printable(done.message))
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the new name")


COMMANDS = {
    "rename": Command(
        description="Rename the party.",
        example='partyline rename "Friday raid"',
        run=rename,
        arguments=_arguments,
    )
}
