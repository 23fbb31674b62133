"""The connections of one negotiation."""

from __future__ import annotations

from workers.media.negotiate.connection_set import ConnectionSet
from workers.media.negotiate.offers import Offer


def test_numbers_are_used_once() -> None:
    connections = ConnectionSet()
    numbers = [connections.make_ours(1, 0.0).number, connections.make_theirs(Offer(1, "theirs"), 0.0).number]
    connections.clear()
    numbers.append(connections.make_ours(2, 0.0).number)
    assert (numbers, connections.made) == ([1, 2, 3], 3)


def test_one_that_comes_up_is_not_pending_any_more_and_is_still_found() -> None:
    connections = ConnectionSet()
    ours = connections.make_ours(1, 0.0)
    theirs = connections.make_theirs(Offer(7, "theirs"), 0.0)
    connections.establish(theirs, 3.0)
    assert (connections.pending(), connections.established, theirs.up_at) == ([ours], [theirs], 3.0)
    assert (connections.is_ours(1), connections.is_theirs(2)) == (True, False)
    assert connections.find(2) is theirs
    assert connections.answering(Offer(7, "theirs")) is theirs
    assert connections.answering(Offer(8, "theirs")) is None
    connections.clear()
    assert (connections.all(), connections.find(1)) == ([], None)


def test_a_number_is_ours_or_theirs_by_the_connection_that_has_it() -> None:
    connections = ConnectionSet()
    assert (connections.is_ours(1), connections.is_theirs(1), connections.made) == (False, False, 0)
    ours = connections.make_ours(3, 6.0)
    assert (ours.ours, ours.sequence, ours.deadline, ours.offer) == (True, 3, 6.0, None)
    theirs = connections.make_theirs(Offer(7, "theirs"), 9.0)
    assert (theirs.ours, theirs.sequence, theirs.deadline, theirs.offer) == (False, 7, 9.0, Offer(7, "theirs"))
    assert [connections.is_ours(number) for number in (1, 2)] == [True, False]
    assert [connections.is_theirs(number) for number in (1, 2)] == [False, True]
