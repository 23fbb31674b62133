from __future__ import annotations

from workers.session.events.sequence_gaps import GapDetector


def test_a_missing_number_is_a_gap_and_a_repeated_one_is_not() -> None:
    gaps = GapDetector()
    assert gaps.on_opened("a")
    assert not gaps.on_opened("a")
    assert not gaps.on_event("a", 1)
    assert not gaps.on_event("a", 2)
    assert gaps.on_event("a", 4)
    assert not gaps.on_event("a", 3)
    assert not gaps.on_event("a", 5)
    assert gaps.on_event("b", 1)
    assert not gaps.on_event("b", 2)


def test_the_first_event_of_a_connection_and_the_one_after_a_gap_are_missed_too() -> None:
    gaps = GapDetector()
    gaps.on_opened("a")
    assert gaps.on_event("a", 2), "number 1 is missing"
    assert gaps.on_event("b", 7)
    assert gaps.on_event("b", 9), "number 8 is missing"
