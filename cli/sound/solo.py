"""`partyline solo`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import echo
from common.requests import SetSolo


def solo(args: argparse.Namespace) -> int:
    name, _ = run(ask_about_member(args.member, lambda peer: SetSolo(peer=peer, solo=True), QUICK_S))
    echo(f"{name} is solo: you hear only solo members. `partyline unsolo {name}` ends it.")
    return OK


COMMANDS = {
    "solo": Command(
        description="Hear only this member and other solo members. A muted member stays muted.",
        example="partyline solo Bo-Streams",
        run=solo,
        arguments=member_argument,
    )
}
