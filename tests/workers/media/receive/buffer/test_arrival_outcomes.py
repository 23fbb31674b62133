"""When each packet's sound was there."""

from __future__ import annotations

import pytest

from workers.media.receive.buffer.arrival_outcomes import (
    LONGEST_LOSS_PACKETS,
    REORDER_PACKETS,
    TAIL_WORTH,
    ArrivalOutcomes,
)


def test_each_packet_is_settled_by_itself_by_a_copy_or_by_time() -> None:
    outcomes = ArrivalOutcomes()
    assert outcomes.record(1, 3.0, 1.0, settled=True) == [[(3.0, 1.0)]]
    assert outcomes.record(3, 2.0, 1.0, settled=True) == [[(2.0, 1.0)]]
    assert outcomes.record(2, 42.0, 0.9) == []
    assert [(42.0, 0.9)] in outcomes.record(8, 1.0, 1.0, settled=True)
    assert len(outcomes.record(5000, 1.0, 1.0, settled=True)) < 30


def test_a_later_and_better_copy_adds_what_it_is_worth_more() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(1, 0.0, 1.0, settled=True)
    outcomes.record(2, 40.0, 0.5)
    assert outcomes.record(2, 80.0, 1.0, settled=True) == [[(40.0, 0.5), (80.0, 0.5)]]
    assert outcomes.record(2, 0.0, 1.0, settled=True) == [], "it is settled"


def test_the_copy_after_a_packet_that_is_lost_for_good_is_worth_little() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(1, 0.0, 1.0, settled=True)
    outcomes.record(3, 40.0, 0.5)  # packet 2 never comes
    found = outcomes.record(3 + REORDER_PACKETS, 0.0, 1.0, settled=True)
    assert found == [[], [(40.0, pytest.approx(0.5 * TAIL_WORTH))], [(0.0, 1.0)]]


def test_an_outage_settles_nothing() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(1, 0.0, 1.0, settled=True)
    outcomes.record(2, 40.0, 0.5)
    later = 2 + LONGEST_LOSS_PACKETS + REORDER_PACKETS
    assert outcomes.record(later, 0.0, 1.0, settled=True) == [[(0.0, 1.0)]]


def test_a_packet_that_came_needs_nothing_more() -> None:
    outcomes = ArrivalOutcomes()
    assert outcomes.record(5, 3.0, 1.0, settled=True) == [[(3.0, 1.0)]]
    assert outcomes.record(5, 1.0, 1.0, settled=True) == []
    assert outcomes.record(4, 1.0, 1.0, settled=True) == []


def test_a_copy_that_came_before_adds_its_share() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    assert outcomes.record(1, 10.0, 0.6) == []
    assert outcomes.record(1, 30.0, 1.0, settled=True) == [[(10.0, 0.6), (30.0, 0.4)]]


def test_a_copy_that_came_later_than_the_packet_adds_nothing() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(1, 40.0, 0.6)
    outcomes.record(1, 50.0, 0.6)
    assert outcomes.record(1, 30.0, 1.0, settled=True) == [[(30.0, 1.0)]]


def after(outcomes: ArrivalOutcomes, first: int, last: int) -> list[list[tuple[float, float]]]:
    return [one for n in range(first, last + 1) for one in outcomes.record(n, 0.0, 1.0, settled=True)]


def test_a_packet_is_lost_when_five_later_ones_have_come() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    assert REORDER_PACKETS == 5
    assert after(outcomes, 2, 5) == [[(0.0, 1.0)]] * 4
    assert after(outcomes, 6, 6) == [[], [(0.0, 1.0)]]
    assert outcomes.record(1, 0.0, 1.0, settled=True) == []


def test_a_lost_packet_of_which_a_copy_came_has_the_copys_worth() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(1, 12.0, 0.6)
    assert after(outcomes, 2, 6)[-2] == [(12.0, 0.6)]


def test_the_copy_at_the_end_of_a_hole_is_worth_little() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(2, 12.0, 0.6)  # 1 is lost for good
    told = after(outcomes, 3, 7)
    assert told[3] == []
    assert told[-2] == [(12.0, pytest.approx(0.6 * TAIL_WORTH))]
    outcomes.record(9, 14.0, 0.6)  # 8 was lost, with a copy of 9 only
    assert [(14.0, pytest.approx(0.6 * TAIL_WORTH))] in after(outcomes, 10, 14)


def test_a_hole_ends_with_a_packet_that_came() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(2, 0.0, 1.0, settled=True)  # 1 is lost
    outcomes.record(3, 12.0, 0.6)
    assert [(12.0, 0.6)] in after(outcomes, 4, 8)


@pytest.mark.parametrize(
    ("lost", "told"), [(LONGEST_LOSS_PACKETS, LONGEST_LOSS_PACKETS), (LONGEST_LOSS_PACKETS + 1, 0)]
)
def test_an_outage_teaches_nothing(lost: int, told: int) -> None:
    outcomes = ArrivalOutcomes()
    after(outcomes, 0, REORDER_PACKETS)  # the first one is settled
    found = outcomes.record(REORDER_PACKETS + lost, 0.0, 1.0, settled=True)
    told -= REORDER_PACKETS if told else 0  # those that came are no news
    assert found == [[]] * told + [[(0.0, 1.0)]]


def test_an_outage_forgets_what_was_open() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(2, 5.0, 0.6)
    outcomes.record(100, 0.0, 1.0, settled=True)
    assert outcomes.record(2, 5.0, 1.0) == []
    assert outcomes.record(95, 5.0, 1.0) == []
    assert outcomes.record(96, 5.0, 1.0, settled=True) == [[(5.0, 1.0)]]


def test_the_first_packet_of_all_is_no_end_of_a_hole() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 12.0, 0.6)
    assert after(outcomes, 1, 5)[-2] == [(12.0, 0.6)]


def test_a_second_copy_of_the_same_worth_adds_nothing() -> None:
    outcomes = ArrivalOutcomes()
    outcomes.record(0, 0.0, 1.0, settled=True)
    outcomes.record(1, 20.0, 0.6)
    outcomes.record(1, 10.0, 0.6)
    assert outcomes.record(1, 30.0, 1.0, settled=True) == [[(10.0, 0.6), (30.0, 0.4)]]


def test_an_outage_is_of_more_than_twenty_packets_and_a_tail_is_worth_a_twentieth() -> None:
    assert (LONGEST_LOSS_PACKETS, TAIL_WORTH) == (20, 0.05)
