from __future__ import annotations

import pytest

from common.run.programs import WITHOUT_HEARTBEAT
from common.run.supervisor import Process
from workers.broker.liveness import FAILED_CHECKS, LivenessCheck, problem_text


def process(name: str = "media", state: str = "RUNNING", exit_status: int = 0) -> Process:
    return Process(name, state, exit_status, f"/log/{name}.log")


def checked(found: list[Process], beats: list[dict[str, tuple[str, float]]]) -> list[str]:
    liveness = LivenessCheck()
    return [liveness.check([one], each).get(one.name, "") for one, each in zip(found, beats, strict=True)]


def test_a_worker_whose_heart_beats_is_there_whatever_the_clock_says() -> None:
    beats = [{"media": ("b", at)} for at in (100.0, 9e9, -5.0, 1.0, 2.0)]
    assert checked([process()] * 5, beats) == [""] * 5


def test_a_worker_that_runs_and_is_not_heard_of_is_told_after_some_counts() -> None:
    assert checked([process()] * 6, [{}] * 6) == ["", "", "", "silent", "silent", "silent"]
    assert checked([process()] * 6, [{"media": ("b", 1.0)}] * 6) == ["", "", "", "", "silent", "silent"]
    assert FAILED_CHECKS["silent"] == 4


def test_a_restart_begins_the_count_again() -> None:
    found = [process(), process(), process(), process(state="STARTING"), process(), process(), process(), process()]
    assert checked(found, [{}] * 8) == ["", "", "", "", "", "", "", "silent"]


@pytest.mark.parametrize("state", ["BACKOFF", "FATAL"])
def test_what_does_not_start_is_told_at_once(state: str) -> None:
    assert checked([process(state=state)], [{}]) == ["down"]


def test_an_end_is_told_when_nobody_starts_it_again() -> None:
    assert checked([process(state="EXITED", exit_status=1)] * 2, [{}] * 2) == ["", "down"]


@pytest.mark.parametrize("one", [
    *map(process, sorted(WITHOUT_HEARTBEAT)), process("simulator", "EXITED"), process(state="STOPPED"),
])  # fmt: skip
def test_who_has_no_heart_or_is_not_wanted_is_not_missing(one: Process) -> None:
    assert checked([one] * 9, [{}] * 9) == [""] * 9


def test_the_words_say_how_its_log_ends() -> None:
    message, remedy = problem_text(process(), "down", "No module named 'av'")
    assert message == "media does not start. Its log ends with: No module named 'av'."
    assert "partyline restart media" in remedy
    assert "/log/media.log" in problem_text(process(), "silent", "")[1]
