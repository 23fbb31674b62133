"""The choice between two connections that are up."""

from __future__ import annotations

import pytest

from workers.media.negotiate.negotiated_connection import (
    CHOICE_S,
    SETTLE_S,
    NegotiatedConnection,
    loser,
    preferred,
    worse,
)


def connection(number: int, *, ours: bool, up_at: float = 0.0, rtp_at: float = -1.0) -> NegotiatedConnection:
    return NegotiatedConnection(
        number, ours=ours, sequence=1, deadline=0.0, up_at=up_at, heard_at=rtp_at, rtp_at=rtp_at
    )


@pytest.mark.parametrize("wins", [True, False])
def test_the_winner_of_a_glare_keeps_its_offer_and_both_sides_choose_the_same(wins: bool) -> None:
    two = [connection(1, ours=True), connection(2, ours=False)]
    assert preferred(two, wins_glare=wins).ours is wins
    assert preferred(two[::-1], wins_glare=wins).ours is wins


def test_of_one_sides_two_the_later_one_stays() -> None:
    two = [connection(2, ours=False), connection(1, ours=False)]
    assert preferred(two, wins_glare=True).number == 2


def test_one_that_carries_the_voice_is_worth_more_than_the_preferred_one() -> None:
    two = [connection(1, ours=True), connection(2, ours=False, rtp_at=1.0)]
    assert worse(two, wins_glare=True).number == 1
    assert worse(two[:1], wins_glare=True).number == 1


def test_the_preferred_one_stays_as_soon_as_it_has_carried_the_voice_beside_the_other() -> None:
    two = [connection(1, ours=True, up_at=5.0, rtp_at=5.0 + SETTLE_S), connection(2, ours=False, up_at=4.0, rtp_at=9.0)]
    assert getattr(loser(two, 5.0 + SETTLE_S, wins_glare=True), "number", 0) == 2


def test_without_a_voice_on_the_preferred_one_the_other_stays_after_a_while() -> None:
    two = [connection(1, ours=True, up_at=5.0), connection(2, ours=False, up_at=4.0, rtp_at=6.0)]
    assert loser(two, 5.0 + CHOICE_S - 0.1, wins_glare=True) is None
    assert getattr(loser(two, 5.0 + CHOICE_S, wins_glare=True), "number", 0) == 1


def test_what_arrived_just_when_the_second_came_up_is_worth_nothing() -> None:
    two = [connection(1, ours=True, up_at=5.0, rtp_at=5.0), connection(2, ours=False, up_at=4.0)]
    assert worse(two, wins_glare=False).number == 1


@pytest.mark.parametrize("wins", [True, False])
def test_of_two_that_carry_the_same_the_preferred_one_is_worth_more(wins: bool) -> None:
    two = [connection(1, ours=True), connection(2, ours=False)]
    assert worse(two, wins_glare=wins).ours is not wins


def test_a_new_connection_has_carried_nothing() -> None:
    new = NegotiatedConnection(1, ours=True, sequence=1, deadline=0.0)
    assert (new.heard_at, new.rtp_at, new.up_at, new.offer) == (-1.0, -1.0, None, None)
    assert (SETTLE_S, CHOICE_S) == (0.5, 2.5)
