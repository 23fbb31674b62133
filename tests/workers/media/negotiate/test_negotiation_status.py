"""What others see of a negotiation."""

from __future__ import annotations

import pytest

from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import SILENT_S, Timeouts
from workers.media.negotiate.states import NegotiationState


@pytest.fixture
def deal() -> Negotiation:
    return Negotiation(Timeouts(6.0, 15.0), wins_glare=True, offer_at=1.0, sequence=5)


def test_it_goes_from_waiting_over_connecting_to_connected_and_lost(deal: Negotiation) -> None:
    seen = [(deal.status.connection, deal.status.detail)]
    deal.poll(1.0)
    seen.append((deal.status.connection, deal.status.detail))
    deal.on_answer(5, "theirs", 1.5)
    deal.on_up(1, 2.0)
    seen.append((deal.status.connection, deal.status.detail))
    deal.on_ended(1, "nothing was heard for 12 s", 100.0)
    seen.append((deal.status.connection, deal.status.detail))
    assert seen == [
        ("waiting", "waiting for an offer"),
        ("connecting", "offered: waiting for the answer"),
        ("connected", ""),
        ("lost", "nothing was heard for 12 s"),
    ]
    assert (deal.status.established, deal.status.made, deal.status.next_sequence) == ((), 1, 6)


def test_the_number_of_the_try_is_told_while_there_is_no_connection(deal: Negotiation) -> None:
    deal.poll(1.0)
    deal.poll(7.0)
    assert deal.status.detail == "offered: waiting for the answer (try 2)"
    deal.on_offer(1, "theirs", 7.1)
    deal.on_up(deal.status.made, 7.2)
    assert deal.status.detail == "connected (our own offer may still be answered)"


def test_silence_is_told(deal: Negotiation) -> None:
    deal.on_offer(1, "theirs", 0.0)
    deal.on_up(1, 0.0)
    deal.poll(SILENT_S)
    assert deal.status.detail == "connected, but no sound has come yet"


def test_what_matches_nothing_is_counted(deal: Negotiation) -> None:
    deal.on_answer(5, "to no offer", 0.0)
    deal.on_offer(2, "second", 0.1)
    deal.on_offer(1, "first", 0.2)
    assert deal.status.ignored == 2


def test_after_leaving_it_is_over(deal: Negotiation) -> None:
    deal.on_offer(1, "theirs", 0.0)
    assert not deal.status.is_over
    deal.leave(1.0)
    assert (deal.status.is_over, deal.status.state, deal.status.connections) == (True, NegotiationState.OUT, ())
