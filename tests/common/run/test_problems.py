"""Problems: each occurrence counts, and not each is published."""

from __future__ import annotations

from typing import Any

from common.messages import Problem
from common.run.problems import LOG_PROBLEM_S, REWORDED_AT_ONCE, Problems


def test_what_happens_again_is_counted_each_time_and_said_now_and_then() -> None:
    problems = Problems("audio")

    def happens(clock: float) -> int | None:
        problem = problems.record(
            "x", "It broke.", "Mend it.", now=clock - 3600 * clock, clock=clock, new_occurrence=True
        )
        return problem.count if problem else None  # a wall clock that runs backwards changes nothing

    assert [happens(clock) for clock in (0.0, 1.0, 2.0, 6.0)] == [1, None, None, 4]
    assert problems.clear("x")
    assert not problems.clear("x")
    assert happens(6.1) == 5


def test_the_last_count_and_words_are_told_in_the_end() -> None:
    problems = Problems("audio")
    for clock in (0.0, 1.0, 2.0):
        problems.record("x", "It broke.", "Mend it.", now=clock, clock=clock, new_occurrence=True)
    assert problems.due(3.0) == []
    (late,) = problems.due(5.5)
    assert (late.count, late.at) == (3, 2.0)
    assert problems.due(60.0) == []


def test_words_that_change_with_each_packet_are_one_occurrence_and_a_few_messages() -> None:
    problems = Problems("audio")
    said = [
        problems.record("x", f"{number} lost so far.", "y", now=number / 10, clock=number / 10)
        for number in range(1200)
    ]
    told = [problem for problem in said if problem is not None]
    assert len(told) < 40
    assert {problem.count for problem in told} == {1}
    assert {problem.at for problem in told} == {0.0}
    (late,) = problems.due(130.0)
    assert late.message == "1199 lost so far."


def test_a_problem_that_only_goes_on_is_not_counted_again_until_it_was_over() -> None:
    problems = Problems("audio")

    def told(message: str, now: float) -> int | None:
        problem = problems.record("x", message, "y", now=now, clock=now)
        return problem.count if problem else None

    assert [told("gone", 0), told("gone", 1), told("not found", 2), told("not found", 20)] == [1, None, 1, None]
    problems.clear("x")
    assert told("gone", 21) == 2


def raised(problems: Problems, message: str = "It broke.", *, clock: float, **more: Any) -> Problem | None:
    return problems.record("x", message, "Mend it.", now=1000 + clock, clock=clock, **more)


def test_a_new_problem_is_published_as_it_is() -> None:
    found = raised(Problems("audio"), clock=7.0, severity="warning", reference_id="r")
    assert found == Problem(
        worker="audio",
        code="x",
        message="It broke.",
        remedy="Mend it.",
        count=1,
        at=1007.0,
        severity="warning",
        reference_id="r",
    )


def test_what_goes_on_unchanged_is_published_once_however_long() -> None:
    problems = Problems("audio")
    assert raised(problems, clock=0.0) is not None
    assert raised(problems, clock=0.0) is None
    assert raised(problems, clock=100.0) is None
    assert problems.due(200.0) == []
    assert problems.count("x") == 1


def test_a_new_occurrence_has_its_own_time_and_is_published_after_the_interval_not_before() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    assert raised(problems, clock=LOG_PROBLEM_S - 0.1, new_occurrence=True) is None
    assert problems.due(LOG_PROBLEM_S - 0.01) == []
    (late,) = problems.due(LOG_PROBLEM_S)
    assert (late.count, late.at) == (2, 1000 + LOG_PROBLEM_S - 0.1)
    again = raised(problems, clock=2 * LOG_PROBLEM_S, new_occurrence=True)
    assert again is not None
    assert again.count == 3


def test_other_words_keep_the_time_and_the_count() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    other = raised(problems, "It is worse.", clock=1.0)
    assert other is not None
    assert (other.message, other.count, other.at) == ("It is worse.", 1, 1000.0)


def test_some_other_words_are_published_at_once_and_then_one_in_each_interval() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    said = [raised(problems, f"number {n}", clock=0.0) is not None for n in range(REWORDED_AT_ONCE + 3)]
    assert said == [True] * REWORDED_AT_ONCE + [False] * 3
    (late,) = problems.due(LOG_PROBLEM_S)
    assert late.message == f"number {REWORDED_AT_ONCE + 2}"
    assert raised(problems, "at once again", clock=LOG_PROBLEM_S + 0.1) is not None
    assert raised(problems, "not again", clock=LOG_PROBLEM_S + 0.2) is None


def test_a_cleared_problem_is_over_and_its_count_goes_on() -> None:
    problems = Problems("audio")
    assert not problems.is_open("x")
    assert problems.count("x") == 0
    raised(problems, clock=0.0)
    assert problems.is_open("x")
    assert problems.clear("x")
    assert not problems.is_open("x")
    assert not problems.clear("x")
    again = raised(problems, clock=0.1)
    assert again is not None
    assert again.count == problems.count("x") == 2


def test_problems_of_two_codes_do_not_hold_each_other_back() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    assert problems.record("y", "Another.", "Mend it.", now=0.0, clock=0.0) is not None
    assert problems.count("y") == 1
    problems.clear("y")
    assert problems.is_open("x")


def test_a_problem_is_told_each_five_seconds_and_other_words_three_times_at_once() -> None:
    assert (LOG_PROBLEM_S, REWORDED_AT_ONCE) == (5, 3)
