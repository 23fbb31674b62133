"""`partyline device`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command, json_option
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK, UsageError
from cli.shared.terminal import echo, echo_json, printable
from common.requests import SelectDevice

SELECT_S = 20.0


def device(args: argparse.Namespace) -> int:
    if not args.name and not args.default:
        raise UsageError(
            "partyline device: no device was named.",
            "Name one of `partyline devices`, or use --default for the system's default.",
        )
    found = run(ask_once(SelectDevice(name="" if args.default else args.name), SELECT_S))
    if args.json:
        echo_json(found)
    elif not found.current:
        echo("The device cannot be opened now. partyline tries again. `partyline status` shows why.")
    elif found.wanted:
        echo(f"The sound goes to “{printable(found.current)}” from now on.")
        echo("`partyline device --default` follows the system's default again.")
    else:
        echo(f"The sound goes to “{printable(found.current)}” and follows the system's default from now on.")
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default="",
        help="name or part of it (case-insensitive), or its number in `partyline devices`",
    )
    which.add_argument("--default", action="store_true", help="follow the system's default")
    json_option(parser)


COMMANDS = {
    "device": Command(
        description="Choose the sound device. It is remembered by its name, and used whenever it is there.",
        example="partyline device BlackHole",
        run=device,
        arguments=_arguments,
    )
}
