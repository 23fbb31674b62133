"""Which changes of a worker's problems are published, and how they are counted."""

from __future__ import annotations

from typing import Any

from common.messages import Problem
from common.run.problems import LOG_PROBLEM_S, REWORDED_AT_ONCE, Problems


def raised(problems: Problems, message: str = "It broke.", *, clock: float, **more: Any) -> Problem | None:
    return problems.raise_("x", message, "Mend it.", now=1000 + clock, clock=clock, **more)


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
    assert problems.late(200.0) == []
    assert problems.count("x") == 1


def test_a_new_occurrence_has_its_own_time_and_is_published_after_the_interval_not_before() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    assert raised(problems, clock=LOG_PROBLEM_S - 0.1, new_occurrence=True) is None
    assert problems.late(LOG_PROBLEM_S - 0.01) == []
    (late,) = problems.late(LOG_PROBLEM_S)
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
    (late,) = problems.late(LOG_PROBLEM_S)
    assert late.message == f"number {REWORDED_AT_ONCE + 2}"
    assert raised(problems, "at once again", clock=LOG_PROBLEM_S + 0.1) is not None
    assert raised(problems, "not again", clock=LOG_PROBLEM_S + 0.2) is None


def test_a_cleared_problem_is_over_and_its_count_goes_on() -> None:
    problems = Problems("audio")
    assert not problems.stands("x")
    assert problems.count("x") == 0
    raised(problems, clock=0.0)
    assert problems.stands("x")
    assert problems.clear("x")
    assert not problems.stands("x")
    assert not problems.clear("x")
    again = raised(problems, clock=0.1)
    assert again is not None
    assert again.count == problems.count("x") == 2


def test_problems_of_two_codes_do_not_hold_each_other_back() -> None:
    problems = Problems("audio")
    raised(problems, clock=0.0)
    assert problems.raise_("y", "Another.", "Mend it.", now=0.0, clock=0.0) is not None
    assert problems.count("y") == 1
    problems.clear("y")
    assert problems.stands("x")


def test_a_problem_is_told_each_five_seconds_and_other_words_three_times_at_once() -> None:
    assert (LOG_PROBLEM_S, REWORDED_AT_ONCE) == (5, 3)
