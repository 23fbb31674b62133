"""`partyline me`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, ask, connect, run
from cli.shared.failures import OK
from cli.shared.terminal import echo, printable
from common.messages import MixerState, PeerKey
from common.requests import SetOwnMember

NOBODY = "none"
"""The word that takes the choice back. A member who is called so is named by account id or peer key."""


def me(args: argparse.Namespace) -> int:
    echo(run(_set(args.member) if args.member else _shown()))
    return OK


async def _set(member: str) -> str:
    async with connect() as (bus, bus_state):
        if member.casefold() == NOBODY:
            await ask(bus, SetOwnMember(account_id=""), QUICK_S)
            return "No member is you. Everybody is in the mix, unless you mute them."
        peer = bus_state.peer_called(member)
        await ask(bus, SetOwnMember(account_id=PeerKey.of(peer).account_id), QUICK_S)
        name = bus_state.name(peer)
        return (
            f"{name} is you: muted in the mix and not on the overlay, still recorded to a file of its own. "
            f"`partyline unmute {name}` puts your voice into the mix, `partyline me {NOBODY}` undoes it all."
        )


async def _shown() -> str:
    async with connect() as (_, bus_state):
        mixer = bus_state.one(MixerState)
        own = mixer.own_account if mixer else ""
        if not own:
            return "partyline does not know which member is you. Say so with `partyline me MEMBER`."
        name = next((m.online_id for m in bus_state.others().values() if m.account_id == own and m.online_id), own)
        return f"{printable(name)} is you. `partyline me {NOBODY}` undoes that."


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "member",
        metavar="MEMBER",
        nargs="?",
        default="",
        help=f"online id (case-insensitive), account id or peer key, or `{NOBODY}`; without it: show who is you",
    )


COMMANDS = {
    "me": Command(
        description="Say which member of the party is you, on your own console.\n\n"
        "Your microphone is in your stream already. Without this, your voice is heard a second time, a moment later.\n"
        "Your account is muted in the mix and left out of the overlay. A recording still has it as a file of its own.\n"
        "It is remembered for the account.",
        example="partyline me Bo-Streams",
        run=me,
        arguments=_arguments,
    )
}
