"""`partyline parties`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli.shared.bus_state import of_members
from cli.shared.command import Command, json_option
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import Cell, Style, Table, echo, echo_json, printable
from common.requests import ListParties, PartySummary

LIST_S = 30.0


def parties(args: argparse.Namespace) -> int:
    found = run(ask_once(ListParties(), LIST_S))
    if args.json:
        echo_json(found.parties)
    else:
        for line in party_lines(found.parties, Style.of(sys.stdout)):
            echo(line)
    return OK


def party_lines(found: Sequence[PartySummary], style: Style) -> list[str]:
    """Return the table of parties."""
    if not found:
        return [
            "There is no party that you can join now.",
            "Ask for an invitation or a share link, then run `partyline join` or `partyline join LINK`.",
        ]
    return [
        *Table(["PARTY", "HOST", "MEMBERS", "JOIN WITH", ""], [_party_row(party) for party in found]).lines(style),
        "",
        _how_to_join(found),
    ]


def _how_to_join(found: Sequence[PartySummary]) -> str:
    others = [party for party in found if party.joinable and party.standing != "in"]
    if not others:
        return "There is no other party that you can join."
    return "Join it with `partyline join`." if len(others) == 1 else "Join one with `partyline join ID`."


def _party_row(party: PartySummary) -> list[Cell]:
    names = ", ".join(of_members(party.members).values())
    return [
        (printable(party.name) or "(no name)", "bold"),
        printable(party.owner),
        f"{len(party.members)} of {party.max_members}{': ' if names else ''}{names}",
        party.session_id if party.joinable else ("not open to you", "dim"),
        _standing(party),
    ]


def _standing(party: PartySummary) -> Cell:
    if party.standing == "in":
        return "you are in it", "green"
    if party.standing == "invited":
        return f"invited by {printable(party.invited_by)}" if party.invited_by else "invited", "yellow"
    return ""


COMMANDS = {
    "parties": Command(
        description="List the parties that you are in or can join, including those of your groups.",
        example="partyline parties",
        run=parties,
        arguments=json_option,
    )
}
