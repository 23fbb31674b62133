"""`partyline kick`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import CHANGE_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import echo, printable
from common.requests import Done, KickMember


def kick(args: argparse.Namespace) -> int:
    done: Done
    _, done = run(ask_about_member(args.member, lambda peer: KickMember(peer=peer), CHANGE_S))
    echo(printable(done.message))
    return OK


COMMANDS = {
    "kick": Command(
        description="Remove a member from the party, with all devices of that account. PlayStation may allow this\n"
        "to the host only.",
        example="partyline kick Bo-Streams",
        run=kick,
        arguments=member_argument,
    )
}
