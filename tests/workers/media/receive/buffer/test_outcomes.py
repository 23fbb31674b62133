"""When each packet's sound was there: by itself, by a copy, or never."""

from __future__ import annotations

import pytest
from workers.media.receive.buffer.outcomes import LONGEST, TAIL_WORTH, WAIT, Outcomes


def test_a_packet_that_came_needs_nothing_more() -> None:
    outcomes = Outcomes()
    assert outcomes.note(5, 3.0, 1.0, settled=True) == [[(3.0, 1.0)]]
    assert outcomes.note(5, 1.0, 1.0, settled=True) == []
    assert outcomes.note(4, 1.0, 1.0, settled=True) == []


def test_a_copy_that_came_before_adds_its_share() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    assert outcomes.note(1, 10.0, 0.6) == []
    assert outcomes.note(1, 30.0, 1.0, settled=True) == [[(10.0, 0.6), (30.0, 0.4)]]


def test_a_copy_that_came_later_than_the_packet_adds_nothing() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(1, 40.0, 0.6)
    outcomes.note(1, 50.0, 0.6)
    assert outcomes.note(1, 30.0, 1.0, settled=True) == [[(30.0, 1.0)]]


def after(outcomes: Outcomes, first: int, last: int) -> list[list[tuple[float, float]]]:
    return [one for n in range(first, last + 1) for one in outcomes.note(n, 0.0, 1.0, settled=True)]


def test_a_packet_is_lost_when_five_later_ones_have_come() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    assert WAIT == 5
    assert after(outcomes, 2, 5) == [[(0.0, 1.0)]] * 4
    assert after(outcomes, 6, 6) == [[], [(0.0, 1.0)]]
    assert outcomes.note(1, 0.0, 1.0, settled=True) == []


def test_a_lost_packet_of_which_a_copy_came_has_the_copys_worth() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(1, 12.0, 0.6)
    assert after(outcomes, 2, 6)[-2] == [(12.0, 0.6)]


def test_the_copy_at_the_end_of_a_hole_is_worth_little() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(2, 12.0, 0.6)  # 1 is lost for good
    told = after(outcomes, 3, 7)
    assert told[3] == []
    assert told[-2] == [(12.0, pytest.approx(0.6 * TAIL_WORTH))]
    outcomes.note(9, 14.0, 0.6)  # 8 was lost, with a copy of 9 only
    assert [(14.0, pytest.approx(0.6 * TAIL_WORTH))] in after(outcomes, 10, 14)


def test_a_hole_ends_with_a_packet_that_came() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(2, 0.0, 1.0, settled=True)  # 1 is lost
    outcomes.note(3, 12.0, 0.6)
    assert [(12.0, 0.6)] in after(outcomes, 4, 8)


@pytest.mark.parametrize(("lost", "told"), [(LONGEST, LONGEST), (LONGEST + 1, 0)])
def test_an_outage_teaches_nothing(lost: int, told: int) -> None:
    outcomes = Outcomes()
    after(outcomes, 0, WAIT)  # the first one is settled
    found = outcomes.note(WAIT + lost, 0.0, 1.0, settled=True)
    told -= WAIT if told else 0  # those that came are no news
    assert found == [[]] * told + [[(0.0, 1.0)]]


def test_an_outage_forgets_what_was_open() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(2, 5.0, 0.6)
    outcomes.note(100, 0.0, 1.0, settled=True)
    assert outcomes.note(2, 5.0, 1.0) == []
    assert outcomes.note(95, 5.0, 1.0) == []
    assert outcomes.note(96, 5.0, 1.0, settled=True) == [[(5.0, 1.0)]]


def test_the_first_packet_of_all_is_no_end_of_a_hole() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 12.0, 0.6)
    assert after(outcomes, 1, 5)[-2] == [(12.0, 0.6)]


def test_a_second_copy_of_the_same_worth_adds_nothing() -> None:
    outcomes = Outcomes()
    outcomes.note(0, 0.0, 1.0, settled=True)
    outcomes.note(1, 20.0, 0.6)
    outcomes.note(1, 10.0, 0.6)
    assert outcomes.note(1, 30.0, 1.0, settled=True) == [[(10.0, 0.6), (30.0, 0.4)]]


def test_an_outage_is_of_more_than_twenty_packets_and_a_tail_is_worth_a_twentieth() -> None:
    assert (LONGEST, TAIL_WORTH) == (20, 0.05)
