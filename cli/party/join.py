"""`partyline join`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from cli.party.next_invitation import wait_and_join
from cli.shared.bus_state import of_members
from cli.shared.command import Command, json_option, seconds
from cli.shared.connect import ask, connect, run
from cli.shared.failures import OK, UsageError
from cli.shared.terminal import Cell, Style, Table, echo, echo_json, listed, platform_name, printable
from common.messages import Member, PartyState
from common.requests import JoinParty

JOIN_S = 60.0
_DASHED_ID = re.compile(r"-[A-Za-z0-9_-]{19,}")
"""The last part of a share link has 22 characters and may begin with a dash [seen]."""


def join(args: argparse.Namespace) -> int:
    if args.wait and args.target:
        raise UsageError(
            "partyline join: --wait takes the party from the invitation, so it accepts no link or id.",
            "Remove the link or id.",
        )
    if args.sender and not args.wait:
        raise UsageError("partyline join: --from has an effect only with --wait.", "Add --wait.")
    state, already = run(
        wait_and_join(args.timeout, args.sender) if args.wait else _join(args.target, args.timeout or JOIN_S)
    )
    if args.json:
        echo_json(state)
        return OK
    style = Style.of(sys.stdout)
    name = f" “{printable(state.name)}”" if state.name else ""
    others = [member for member in state.members if not member.is_me]
    company = listed(list(of_members(others).values())) or "nobody else yet"
    if not state.members_known and not others:
        company = "members that cannot be read yet (partyline tries again)"
    echo(style(f"{'Already in' if already else 'In'} the party{name} with {company}.", "green"))
    for line in member_lines(state.members, style) if others else []:
        echo(line)
    echo("`partyline status` shows when each member is heard. `partyline leave` leaves the party.")
    return OK


def shield(given: list[str]) -> list[str]:
    """Return the arguments with a share link's id that begins with ``-`` shielded from option parsing."""
    ids = [word for word in given if _DASHED_ID.fullmatch(word)]
    if len(ids) != 1 or "--" in given:
        return list(given)
    return [*(word for word in given if word not in ids), "--", *ids]


async def _join(target: str, wait_s: float) -> tuple[PartyState, bool]:
    """Join `target`. Return the party, and whether we were in it already."""
    async with connect() as (bus, bus_state):
        before = bus_state.one(PartyState)
        state: PartyState = await ask(bus, JoinParty(target=target), wait_s)
        already = before is not None and (before.phase, before.joined_at) == ("joined", state.joined_at)
        return state, already


def member_lines(members: Sequence[Member], style: Style) -> list[str]:
    names = of_members(members)
    rows: list[list[Cell]] = [
        [
            (names[member.peer], "bold"),
            platform_name(member.platform),
            listed([*(["host"] if member.is_host else []), *(["this computer"] if member.is_me else [])]),
        ]
        for member in members
    ]
    return Table(["MEMBER", "DEVICE", ""], rows).lines(style)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="?",
        default="",
        metavar="LINK|ID",
        help="a share link, its last part, or a session id (default: the only party that you can join)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=None,
        metavar="SECONDS",
        help="give up after this time (default: 60; with --wait: never)",
    )
    parser.add_argument("--wait", action="store_true", help="wait for an invitation, and join that party at once")
    parser.add_argument(
        "--from",
        dest="sender",
        metavar="NAME",
        default="",
        help="with --wait: accept only this person's invitation (online id or account id). Without --from, an "
        "invitation from anybody is accepted. Everybody in a party with you learns your internet address",
    )
    json_option(parser)


COMMANDS = {
    "join": Command(
        description="Join a party. It leaves the present party first. Without a link or id it joins the only party\n"
        "that you are invited to, or else the only party that you can join.",
        example="partyline join https://party.playstation.com/js_A1b2C3d4E5f6G7h8I9j0",
        run=join,
        prepare=shield,
        arguments=_arguments,
    )
}
