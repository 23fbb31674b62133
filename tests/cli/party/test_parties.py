"""The table of parties, and what can be done with it."""

from __future__ import annotations

from cli.party.parties import party_lines
from cli.shared.terminal import Style
from common.requests import PartySummary
from tests.support.made import BO

PLAIN = Style(on=False)


def summary(session_id: str, standing: str = "", **more: object) -> PartySummary:
    found = {"owner": "Bo-Streams", "max_members": 16, "joinable": True, "members": (BO,), **more}
    return PartySummary(session_id=session_id, standing=standing, **found)  # type: ignore[arg-type]


def test_without_a_party_it_says_how_to_get_into_one():
    assert "partyline join LINK" in party_lines([], PLAIN)[1]


def test_the_only_party_needs_no_id_and_one_of_several_does():
    assert party_lines([summary("a")], PLAIN)[-1] == "Join it with `partyline join`."
    assert party_lines([summary("a"), summary("b")], PLAIN)[-1] == "Join one with `partyline join ID`."


def test_a_party_that_one_is_in_or_that_is_closed_is_not_offered():
    found = party_lines([summary("a", "in"), summary("b", joinable=False)], PLAIN)
    assert found[-1] == "There is no other party that you can join."
    assert "you are in it" in found[1]
    assert "not open to you" in found[2]


def test_a_row_names_host_members_and_who_invited():
    row = party_lines([summary("a", "invited", name="Friday raid", invited_by="Cleo_99")], PLAIN)[1]
    for text in ("Friday raid", "1 of 16: Bo-Streams", "invited by Cleo_99"):
        assert text in row
