"""The 10 ms schedule: absolute, without gaps, and never in a burst of more than 200 ms."""

from __future__ import annotations

from workers.media.tick import LONGEST_CATCH_UP, TICK_NS, Schedule


def test_ticks_are_due_every_ten_milliseconds_whenever_one_looks() -> None:
    schedule = Schedule(1000)
    due = []
    for now in (1000, 1000 + TICK_NS + 3_000_000, 1000 + 2 * TICK_NS):
        due += [schedule.take() for _ in range(schedule.behind(now))]
    assert due == [(0, 1000), (1, 1000 + TICK_NS), (2, 1000 + 2 * TICK_NS)]


def test_a_short_stall_is_caught_up_with() -> None:
    schedule = Schedule(0)
    assert schedule.behind(5 * TICK_NS) == 6
    assert schedule.moved == 0


def test_a_long_stall_moves_the_schedule_on_without_a_gap_in_the_numbers() -> None:
    schedule = Schedule(0)
    schedule.take()
    late = (LONGEST_CATCH_UP + 50) * TICK_NS
    assert schedule.behind(late) == 1
    assert schedule.take() == (1, late)
    assert schedule.moved == 1


def test_nothing_is_due_before_its_time() -> None:
    assert Schedule(100).behind(99) == 0
