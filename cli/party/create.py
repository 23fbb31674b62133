"""`partyline create`, `rename`, `visibility`, `invite` and `kick`, the administration of a party."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cli.shared.command import Command, json_option
from cli.shared.connect import ask, connect, run
from cli.shared.failures import OK
from cli.shared.output import Style, printable, say, say_json, words
from common.messages import PartyState
from common.requests import CreateParty, Done, Invited, InvitePeople, KickMember, RenameParty, Request, SetVisibility

CREATE_S = 60.0
CHANGE_S = 60.0
"""Time limit of several calls, which the call rate may delay."""


def create(args: argparse.Namespace) -> int:
    state: PartyState = run(_asked(CreateParty(name=args.name, open=args.open), CREATE_S))
    if args.json:
        say_json(state)
        return OK
    name = f" “{printable(state.name)}”" if state.name else ""
    who = "friends of its members may join" if args.open else "only invited people may join"
    say(Style.of(sys.stdout)(f"In the new party{name}; {who}.", "green"))
    say(f"Its id is {printable(state.session_id)}. Invite people with `partyline invite ONLINE_ID`.")
    return OK


def rename(args: argparse.Namespace) -> int:
    return _done(RenameParty(name=args.name))


def visibility(args: argparse.Namespace) -> int:
    return _done(SetVisibility(open=args.who == "open"))


def invite(args: argparse.Namespace) -> int:
    invited: Invited = run(_asked(InvitePeople(online_ids=tuple(args.online_ids)), CHANGE_S))
    if args.json:
        say_json(invited.online_ids)
    else:
        say(f"Invited {words([printable(name) for name in invited.online_ids])}.")
    return OK


def kick(args: argparse.Namespace) -> int:
    done = run(_kick(args.member))
    say(printable(done.message))
    return OK


async def _kick(member: str) -> Done:
    async with connect() as (bus, picture):
        done: Done = await ask(bus, KickMember(peer=picture.peer_called(member)), CHANGE_S)
        return done


def _done(request: Request[Done]) -> int:
    done: Done = run(_asked(request, CHANGE_S))
    say(printable(done.message))
    return OK


async def _asked(request: Request[Any], wait_s: float) -> Any:
    async with connect() as (bus, _):
        return await ask(bus, request, wait_s)


def _create_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="", help="what the party is called (default: without a name)")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--open", action="store_true", help="friends of its members may join")
    who.add_argument("--invite-only", action="store_false", dest="open", help="only invited people may join (default)")
    json_option(parser)


def _name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")


def _who_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", choices=["open", "invite-only"])


def _kick_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", metavar="MEMBER", help="online id (case does not matter) or peer key")


def _invite_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("online_ids", nargs="+", metavar="ONLINE_ID", help="what people are called on PlayStation")
    json_option(parser)


COMMANDS = {
    "create": Command(
        description="Make a party and be in it; leaves the present one first.",
        example='partyline create --name "Friday raid" --open',
        run=create,
        arguments=_create_arguments,
    ),
    "rename": Command(
        description="Give the party another name.",
        example='partyline rename "Friday raid"',
        run=rename,
        arguments=_name_argument,
    ),
    "visibility": Command(
        description="Say who may see and join the party.",
        example="partyline visibility invite-only",
        run=visibility,
        arguments=_who_argument,
    ),
    "invite": Command(
        description="Invite people into the party.",
        example="partyline invite Bo-Streams Cleo_99",
        run=invite,
        arguments=_invite_arguments,
    ),
    "kick": Command(
        description="Take a member out of the party, with all devices of that account. PlayStation may let the host\n"
        "only.",
        example="partyline kick Bo-Streams",
        run=kick,
        arguments=_kick_argument,
    ),
}
