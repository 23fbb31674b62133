"""`partyline mute`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import echo
from common.requests import SetMute


def mute(args: argparse.Namespace) -> int:
    name, _ = run(ask_about_member(args.member, lambda peer: SetMute(peer=peer, muted=True), QUICK_S))
    echo(f"{name} is muted for you only. `partyline unmute {name}` ends it.")
    return OK


COMMANDS = {
    "mute": Command(
        description="Mute a member in the mix, for yourself only. The mute is remembered.",
        example="partyline mute Bo-Streams",
        run=mute,
        arguments=member_argument,
    )
}
