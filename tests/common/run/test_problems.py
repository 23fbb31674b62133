"""Problems: each occurrence counts, and not each is published."""

from __future__ import annotations

from common.run.problems import Problems


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
