"""`partyline create`."""

from __future__ import annotations

import argparse
import sys

from cli.shared.command import Command, json_option
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import Style, echo, echo_json, printable
from common.requests import CreateParty

CREATE_S = 60.0
"""Time limit of several calls, which the call rate may delay."""


def create(args: argparse.Namespace) -> int:
    state = run(ask_once(CreateParty(name=args.name, open=args.open), CREATE_S))
    if args.json:
        echo_json(state)
        return OK
    name = f" “{printable(state.name)}”" if state.name else ""
    who = "Friends of its members" if args.open else "Only invited people"
    echo(Style.of(sys.stdout)(f"You are in the new party{name}. {who} can join.", "green"))
    echo(f"Its id is {printable(state.session_id)}. Invite people with `partyline invite ONLINE_ID`.")
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="", help="name of the party (default: no name)")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--open", action="store_true", help="friends of its members can join")
    who.add_argument("--invite-only", action="store_false", dest="open", help="only invited people can join (default)")
    json_option(parser)


COMMANDS = {
    "create": Command(
        description="Create a party and join it. It leaves the present party first.",
        example='partyline create --name "Friday raid" --open',
        run=create,
        arguments=_arguments,
    )
}
