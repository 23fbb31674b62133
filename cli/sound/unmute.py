"""`partyline unmute`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import echo
from common.requests import SetMute


def unmute(args: argparse.Namespace) -> int:
    name, _ = run(ask_about_member(args.member, lambda peer: SetMute(peer=peer, muted=False), QUICK_S))
    echo(f"{name} is no longer muted.")
    return OK


COMMANDS = {
    "unmute": Command(
        description="Unmute a member.",
        example="partyline unmute Bo-Streams",
        run=unmute,
        arguments=member_argument,
    )
}
