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
