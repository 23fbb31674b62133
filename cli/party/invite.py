"""`partyline invite`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command, json_option
from cli.shared.connect import CHANGE_S, ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, echo_json, listed, printable
from common.requests import InvitePeople


def invite(args: argparse.Namespace) -> int:
    invited = run(ask_once(InvitePeople(online_ids=tuple(args.online_ids)), CHANGE_S))
    if args.json:
        echo_json(invited.online_ids)
    else:
        echo(f"Invited {listed([printable(name) for name in invited.online_ids])}.")
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "online_ids", nargs="+", metavar="ONLINE_ID", help="a person's online id on PlayStation Network"
    )
    json_option(parser)


COMMANDS = {
    "invite": Command(
        description="Invite people to the party.",
        example="partyline invite Bo-Streams Cleo_99",
        run=invite,
        arguments=_arguments,
    )
}
