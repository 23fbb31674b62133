"""`partyline parties`, `partyline join` and `partyline leave`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from cli.party.next_invitation import wait_and_join
from cli.shared.command import Command, json_option, seconds
from cli.shared.connect import ask, connect, run
from cli.shared.failures import OK, UsageError
from cli.shared.output import Cell, Style, Table, platform_name, printable, say, say_json, words
from cli.shared.picture import of_members
from common.messages import Member, PartyState
from common.requests import JoinParty, LeaveParty, ListParties, Parties, PartySummary

LIST_S = 30.0
JOIN_S = 60.0
LEAVE_S = 30.0
_DASHED_ID = re.compile(r"-[A-Za-z0-9_-]{19,}")
"""The last part of a share link has 22 characters and may begin with a dash [seen]."""


def parties(args: argparse.Namespace) -> int:
    found = run(_parties())
    if args.json:
        say_json(found.parties)
    else:
        for line in party_lines(found.parties, Style.of(sys.stdout)):
            say(line)
    return OK


async def _parties() -> Parties:
    async with connect() as (bus, _):
        found: Parties = await ask(bus, ListParties(), LIST_S)
        return found


def party_lines(found: Sequence[PartySummary], style: Style) -> list[str]:
    """Return the table of parties."""
    if not found:
        return [
            "There is no party to join now.",
            "Ask for an invitation or a share link; then `partyline join` or `partyline join LINK`.",
        ]
    return [
        *Table(["PARTY", "HOST", "MEMBERS", "JOIN WITH", ""], [_party_row(party) for party in found]).lines(style),
        "",
        *_how_to_join(found),
    ]


def _how_to_join(found: Sequence[PartySummary]) -> list[str]:
    others = [party for party in found if party.joinable and party.standing != "in"]
    if not others:
        return ["There is no other one to join."]
    return [f"Join {'it' if len(others) == 1 else 'one'} with `partyline join{'' if len(others) == 1 else ' ID'}`."]


def _party_row(party: PartySummary) -> list[Cell]:
    names = ", ".join(of_members(party.members).values())
    return [
        (printable(party.name) or "(no name)", "bold"),
        printable(party.owner),
        f"{len(party.members)} of {party.max_members}{': ' if names else ''}{names}",
        party.session_id if party.joinable else ("not open to us", "dim"),
        _standing(party),
    ]


def _standing(party: PartySummary) -> Cell:
    if party.standing == "in":
        return "you are in it", "green"
    if party.standing == "invited":
        return f"invited by {printable(party.invited_by)}" if party.invited_by else "invited", "yellow"
    return ""


def join(args: argparse.Namespace) -> int:
    if args.wait and args.target:
        raise UsageError("partyline join: --wait takes the party from the invitation.", "Leave out the link or id.")
    if args.sender and not args.wait:
        raise UsageError("partyline join: --from says whose invitation to wait for.", "Say --wait as well.")
    state, already = run(
        wait_and_join(args.timeout, args.sender) if args.wait else _join(args.target, args.timeout or JOIN_S)
    )
    if args.json:
        say_json(state)
        return OK
    style = Style.of(sys.stdout)
    name = f" “{printable(state.name)}”" if state.name else ""
    others = [member for member in state.members if not member.is_me]
    company = words(list(of_members(others).values())) or "nobody else yet"
    if not state.members_known and not others:
        company = "members that cannot be read yet; they are asked for again by itself"
    say(style(f"{'Already in' if already else 'In'} the party{name} with {company}.", "green"))
    for line in member_lines(state.members, style) if others else []:
        say(line)
    say("`partyline status` shows when each of them is heard; `partyline leave` leaves.")
    return OK


def shield(given: list[str]) -> list[str]:
    """Return the arguments with a share link's id that begins with ``-`` shielded from option parsing."""
    ids = [word for word in given if _DASHED_ID.fullmatch(word)]
    if len(ids) != 1 or "--" in given:
        return list(given)
    return [*(word for word in given if word not in ids), "--", *ids]


async def _join(target: str, wait_s: float) -> tuple[PartyState, bool]:
    """Join `target`. Return the party, and whether we were in it already."""
    async with connect() as (bus, picture):
        before = picture.one(PartyState)
        state: PartyState = await ask(bus, JoinParty(target=target), wait_s)
        already = before is not None and (before.phase, before.joined_at) == ("joined", state.joined_at)
        return state, already


def member_lines(members: Sequence[Member], style: Style) -> list[str]:
    names = of_members(members)
    rows: list[list[Cell]] = [
        [
            (names[member.peer], "bold"),
            platform_name(member.platform),
            words([*(["host"] if member.is_host else []), *(["this computer"] if member.is_me else [])]),
        ]
        for member in members
    ]
    return Table(["MEMBER", "DEVICE", ""], rows).lines(style)


def leave(args: argparse.Namespace) -> int:
    del args
    said = run(_leave())
    say(printable(said) or "Left the party.")
    return OK


async def _leave() -> str:
    async with connect() as (bus, picture):
        if not picture.joined:
            await ask(bus, LeaveParty(), LEAVE_S)
            return "There was no party to leave."
        done = await ask(bus, LeaveParty(), LEAVE_S)
        return str(done.message)


def _join_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="?",
        default="",
        metavar="LINK|ID",
        help="a share link, its last part, or a session id; without it: the only party there is",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=None,
        metavar="SECONDS",
        help="give up after that (default 60; with --wait: never)",
    )
    parser.add_argument(
        "--wait", action="store_true", help="wait until somebody invites you, and join that party at once"
    )
    parser.add_argument(
        "--from",
        dest="sender",
        metavar="NAME",
        default="",
        help="with --wait: only that person's invitation counts (online id or account id). Without it anybody's does, "
        "and whoever is in a party with you learns your internet address",
    )
    json_option(parser)


COMMANDS = {
    "parties": Command(
        description="List the parties that you are in or may join, those of your groups too.",
        example="partyline parties",
        run=parties,
        arguments=json_option,
    ),
    "join": Command(
        description="Join a party; leaves the present one first. Without a link or id: the only party you are invited\n"
        "into, else the only one there is.",
        example="partyline join https://party.playstation.com/js_A1b2C3d4E5f6G7h8I9j0",
        run=join,
        prepare=shield,
        arguments=_join_arguments,
    ),
    "leave": Command(
        description="Leave the party; the pipeline stays up.",
        example="partyline leave",
        run=leave,
    ),
}
