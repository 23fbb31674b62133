"""`partyline unsolo`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import echo
from common.requests import SetSolo


def unsolo(args: argparse.Namespace) -> int:
    name, _ = run(ask_about_member(args.member, lambda peer: SetSolo(peer=peer, solo=False), QUICK_S))
    echo(f"{name} is no longer solo.")
    return OK


COMMANDS = {
    "unsolo": Command(
        description="End a member's solo.",
        example="partyline unsolo Bo-Streams",
        run=unsolo,
        arguments=member_argument,
    )
}
