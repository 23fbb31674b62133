"""Who else is in the party, who came and went, and who is older."""

from __future__ import annotations

import pytest

from cli.probe.observe.party_members import PartyMembers
from common.messages import PartyState
from tests.cli.probe.observe.messages import LARGE, SMALL, party


def test_who_came_and_went_with_a_new_state_is_returned():
    members = PartyMembers()
    assert members.on_party(party((SMALL, 2))) == ([SMALL], set())
    assert members.on_party(party((SMALL, 2), (LARGE, 3))) == ([LARGE], set())
    assert members.on_party(party((LARGE, 3))) == ([], {SMALL})
    assert members.on_party(PartyState(phase="none")) == ([], {LARGE})


def test_in_another_party_everybody_left_and_came_again():
    members = PartyMembers()
    members.on_party(party((SMALL, 2)))
    assert members.on_party(party((SMALL, 2), session_id="other")) == ([SMALL], {SMALL})


def test_an_alias_stays_with_its_peer_and_their_number_is_limited():
    members = PartyMembers()
    assert [members.alias(peer) for peer in (LARGE, SMALL, LARGE)] == ["A", "B", "A"]
    for number in range(100):
        members.alias(f"{number}.PC")
    assert len(members.aliases()) == 32
    assert members.alias("late.PS5") == "?"
    assert not members.has_alias("late.PS5")
    assert members.has_alias(SMALL)


@pytest.mark.parametrize(("order", "mine", "older"), [(1, 2, True), (2, 1, False), (0, 1, None), (1, 0, None)])
def test_the_lower_join_order_is_the_older_member(order, mine, older):
    members = PartyMembers()
    members.on_party(party((SMALL, order), mine=mine))
    assert members.is_older(members.find(SMALL)) is older


@pytest.mark.parametrize(
    ("peer", "smaller"), [(SMALL, True), (LARGE, False), ("50.PS5", True), ("no-number.PC", False)]
)
def test_account_ids_are_compared_as_numbers(peer, smaller):
    members = PartyMembers()
    members.on_party(party((peer, 2)))
    assert members.is_smaller(members.find(peer)) is smaller
