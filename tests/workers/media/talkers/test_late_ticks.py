from __future__ import annotations

from workers.media.talkers.late_ticks import GOOD_MS, HOLD_S, LATE_MS, LateTicks


def told(ticks: LateTicks, late_ms: float, begin: float, seconds: float) -> list[bool]:
    return [ticks.record(late_ms, begin + second) for second in range(int(seconds) + 1)]


def test_ticks_that_are_late_for_a_minute_are_told_and_no_sooner() -> None:
    ticks = LateTicks()
    assert told(ticks, LATE_MS + 0.1, 0.0, HOLD_S) == [False] * int(HOLD_S) + [True]


def test_ticks_at_the_limit_are_not_late() -> None:
    assert not any(told(LateTicks(), LATE_MS, 0.0, 10 * HOLD_S))


def test_one_good_look_begins_the_minute_anew() -> None:
    ticks = LateTicks()
    assert not any(told(ticks, 9.0, 0.0, HOLD_S - 1))
    assert not ticks.record(LATE_MS, HOLD_S)
    assert told(ticks, 9.0, 100.0, HOLD_S) == [False] * int(HOLD_S) + [True]


def test_it_is_over_only_after_a_minute_of_good_ticks() -> None:
    ticks = LateTicks()
    told(ticks, 9.0, 0.0, HOLD_S)
    assert all(told(ticks, (LATE_MS + GOOD_MS) / 2, 100.0, 10 * HOLD_S))  # neither late nor good
    assert all(told(ticks, GOOD_MS, 2000.0, 10 * HOLD_S))
    assert all(told(ticks, 1.0, 5000.0, HOLD_S - 1))
    assert ticks.record(9.0, 5060.0)
    assert told(ticks, 1.0, 6000.0, HOLD_S) == [True] * int(HOLD_S) + [False]
    assert told(ticks, 9.0, 7000.0, HOLD_S) == [False] * int(HOLD_S) + [True]  # and it may come again


def test_lateness_is_forgotten_with_the_party() -> None:
    ticks = LateTicks()
    told(ticks, 9.0, 0.0, HOLD_S)
    ticks.clear()
    assert not ticks.is_late
    assert not ticks.record(9.0, 100.0)
    told(ticks, 9.0, 200.0, HOLD_S - 1)
    ticks.clear()
    assert not any(told(ticks, 9.0, 300.0, HOLD_S - 1))
