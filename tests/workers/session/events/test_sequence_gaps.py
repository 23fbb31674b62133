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
