"""When customData3 is published."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.session.member.own_entry.schedule import FIRST_S, GATHER_S, QUICK_CALLS, REFILL_S, PublishSchedule


def run(
    schedule: PublishSchedule, changes: list[tuple[float, tuple[str, ...]]], until: float
) -> list[tuple[float, tuple[str, ...]]]:
    """Play `changes` (time, who else is there); return the calls that were made, each of which is taken at once."""
    calls, left = [], list(changes)
    while True:
        due = schedule.due_at()
        if left and (due is None or left[0][0] <= due):
            at, accounts = left.pop(0)
            schedule.set_accounts(accounts, at)
        elif due is not None and due <= until:
            at = max(due, calls[-1][0] if calls else due)
            wanted = schedule.record_call(at)
            schedule.record_accepted(wanted, at)
            calls.append((at, wanted))
        elif not left:
            return calls


def test_a_newcomer_tells_it_as_the_app_does_and_then_only_what_changes() -> None:
    (told,) = run(PublishSchedule(100.0), [(100.0, ("2", "3"))], 900.0)
    assert told == (pytest.approx(100.0 + FIRST_S), ("2", "3"))


def test_changes_within_half_a_second_go_into_one_call() -> None:
    changes = [(100.0, ("2",)), (200.0, ("2", "3")), (200.2, ("2", "3", "4")), (200.4, ("3", "4"))]
    _, told = run(PublishSchedule(100.0), changes, 900.0)
    assert told == (200.0 + GATHER_S, ("3", "4"))


def test_alone_nobody_tells_any_and_the_next_one_to_come_is_named() -> None:
    changes = [(100.0, ("2",)), (150.0, ()), (300.0, ("3",)), (400.0, ()), (400.2, ("3",))]
    told = run(PublishSchedule(100.0), changes, 900.0)
    assert [names for _, names in told] == [("2",), ("3",)]
    assert told[1][0] == 300.0 + GATHER_S


def test_what_is_right_on_the_server_is_not_told_again_and_what_is_wrong_is() -> None:
    schedule = PublishSchedule(0.0)
    schedule.record_shown(("3", "2"), 0.0)
    schedule.set_accounts(("2", "3"), 0.0)
    assert schedule.due_at() is None
    schedule.record_shown(None, 50.0)
    assert schedule.due_at() == 50.0 + GATHER_S


def test_a_refusal_is_tried_again_later_each_time() -> None:
    schedule, now, waits = PublishSchedule(0.0), 0.0, []
    schedule.set_accounts(("2",), 0.0)
    for _ in range(9):
        due = schedule.due_at()
        assert due is not None
        waits.append(round(due - now, 6))
        now = due
        schedule.record_call(now)
        schedule.record_failed()
    assert waits == [0.4, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("every_s", "most"), [(0.1, 3), (1.0, 8), (4.0, 14), (20.0, 14)])
def test_a_party_of_sixteen_that_fills_up_costs_few_calls(every_s: float, most: int) -> None:
    names = [str(n) for n in range(2, 17)]
    changes = [(every_s * n, tuple(names[: n + 1])) for n in range(15)]
    calls = run(PublishSchedule(0.0), changes, 9000.0)
    assert len(calls) <= most + 1
    assert calls[-1][1] == tuple(names)
    assert calls[-1][0] - changes[-1][0] < 5.0, "all of them are named within 5 s of the last one's coming"


@given(st.lists(st.tuples(st.floats(0.0, 30.0), st.sets(st.sampled_from("23456"))), max_size=300))
def test_however_people_come_and_go_the_calls_are_bounded_and_the_last_word_is_right(
    steps: list[tuple[float, set[str]]],
) -> None:
    now, changes = 0.0, []
    for wait, accounts in steps:
        now += wait
        changes.append((now, tuple(sorted(accounts))))
    calls = run(PublishSchedule(0.0), changes, now + 10_000.0)
    for begin in range(len(calls)):
        for end in range(begin, len(calls)):
            assert end - begin + 1 <= QUICK_CALLS + (calls[end][0] - calls[begin][0]) / REFILL_S + 1.001
    assert all(after[0] - before[0] >= GATHER_S - 0.001 for before, after in itertools.pairwise(calls))
    if changes and changes[-1][1]:
        assert calls[-1][1] == changes[-1][1]
    assert all(names for _, names in calls)


def called(*times: float) -> PublishSchedule:
    """Return the schedule after calls at these times. The server took none of them."""
    schedule = PublishSchedule(0.0)
    schedule.set_accounts(("2",), 0.0)
    for at in times:
        schedule.record_call(at)
    return schedule


def test_the_first_call_comes_after_400_ms_and_the_next_change_half_a_second_after_it_happened() -> None:
    schedule = called()
    assert schedule.due_at() == pytest.approx(0.4)
    schedule.record_failed()  # no failure of before is held against the next change
    schedule.record_accepted(schedule.record_call(0.4), 0.4)
    schedule.set_accounts(("2", "3"), 0.5)
    assert schedule.due_at() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("times", "due"),
    [
        ((0.0,), 0.5),
        ((0.0, 0.0), 1.0),
        ((0.0, 0.0, 0.0), 2.0),
        ((0.0,) * 4, 4.0),
        ((0.0,) * 9, 4.0),
        ((0.0, 0.0, 5.0), 6.0),  # in five seconds a burst is forgotten by one step
        ((0.0, 0.0, 100.0), 100.5),
    ],
)
def test_in_a_burst_the_calls_get_further_apart(times: tuple[float, ...], due: float) -> None:
    assert called(*times).due_at() == pytest.approx(due)


def test_twelve_calls_may_be_made_at_once_and_then_one_in_12_s() -> None:
    assert called(*[0.0] * 11).due_at() == pytest.approx(4.0)
    assert called(*[0.0] * 12).due_at() == pytest.approx(12.0)
    assert called(*[0.0] * 12, 12.0).due_at() == pytest.approx(24.0)
    assert called(*[0.0] * 12, 60.0).due_at() == pytest.approx(60.5)


def test_constant_joins_and_leaves_cost_five_calls_a_minute() -> None:
    changes = [(float(second), ("2", "3") if second % 2 else ("2",)) for second in range(1200)]
    assert len(run(PublishSchedule(0.0), changes, 1200.0)) <= 12 + 1200 / 12 + 1


@pytest.mark.parametrize(("joined_at", "due"), [(0.1, 0.4), (0.4, 0.4), (0.5, 1.0)])
def test_those_who_are_there_or_come_within_400_ms_are_in_the_first_call(joined_at: float, due: float) -> None:
    schedule = PublishSchedule(0.0)
    schedule.set_accounts(("2",), joined_at)
    assert schedule.due_at() == pytest.approx(due)


def test_a_view_that_is_still_wrong_puts_nothing_off() -> None:
    schedule = called()
    schedule.record_shown(("9",), 0.3)
    assert schedule.due_at() == pytest.approx(0.4)


def test_what_changed_while_a_call_was_under_way_waits_from_its_answer_on() -> None:
    schedule = called(0.4)
    schedule.set_accounts(("2", "3"), 0.5)
    schedule.record_accepted(("2",), 10.0)
    assert schedule.due_at() == pytest.approx(10.5)
    schedule.record_call(10.5)
    schedule.record_failed()
    assert schedule.due_at() == pytest.approx(12.5), "a first failure after a success"


def test_after_a_calm_not_more_than_twelve_calls_are_made_at_once() -> None:
    assert called(0.0, *[1000.0] * 12).due_at() == pytest.approx(1012.0)
