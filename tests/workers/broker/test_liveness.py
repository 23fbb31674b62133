from __future__ import annotations

from pathlib import Path

import pytest

from common.log import last_words
from common.run.supervisor import Process
from workers.broker.liveness import CHECKS, LivenessCheck, problem_text


def process(name: str = "media", state: str = "RUNNING", exit_status: int = 0) -> Process:
    return Process(name, state, exit_status, f"/log/{name}.log")


def looks(found: list[Process], beats: list[dict[str, tuple[str, float]]]) -> list[str]:
    liveness = LivenessCheck()
    return [liveness.check([one], each).get(one.name, "") for one, each in zip(found, beats, strict=True)]


def test_a_worker_whose_heart_beats_is_there_whatever_the_clock_says() -> None:
    beats = [{"media": ("b", at)} for at in (100.0, 9e9, -5.0, 1.0, 2.0)]
    assert looks([process()] * 5, beats) == [""] * 5


def test_a_worker_that_runs_and_is_not_heard_of_is_told_after_some_counts() -> None:
    assert looks([process()] * 6, [{}] * 6) == ["", "", "", "silent", "silent", "silent"]
    assert looks([process()] * 6, [{"media": ("b", 1.0)}] * 6) == ["", "", "", "", "silent", "silent"]
    assert CHECKS["silent"] == 4


def test_a_restart_begins_the_count_anew() -> None:
    found = [process(), process(), process(), process(state="STARTING"), process(), process(), process(), process()]
    assert looks(found, [{}] * 8) == ["", "", "", "", "", "", "", "silent"]


@pytest.mark.parametrize("state", ["BACKOFF", "FATAL"])
def test_what_does_not_start_is_told_at_once(state: str) -> None:
    assert looks([process(state=state)], [{}]) == ["down"]


def test_an_end_is_told_when_nobody_starts_it_again() -> None:
    assert looks([process(state="EXITED", exit_status=1)] * 2, [{}] * 2) == ["", "down"]


@pytest.mark.parametrize("one", [process("simulator"), process("simulator", "EXITED"), process(state="STOPPED")])
def test_who_has_no_heart_or_is_not_wanted_is_not_missing(one: Process) -> None:
    assert looks([one] * 9, [{}] * 9) == [""] * 9


def test_the_words_say_how_its_log_ends() -> None:
    message, remedy = problem_text(process(), "down", "No module named 'av'")
    assert message == "media does not start. Its log ends with: No module named 'av'."
    assert "partyline restart media" in remedy
    assert "/log/media.log" in problem_text(process(), "silent", "")[1]


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", ""),
        (
            "Traceback …\n  x\nModuleNotFoundError: No module named 'av'\n\n",
            "ModuleNotFoundError: No module named 'av'",
        ),
        ('{"event": "cannot start", "error": "audio.sink: no"}\n', "cannot start: audio.sink: no"),
        (
            '{"event": "the worker failed", "exception": "Traceback\\nOSError: full"}',
            "the worker failed: OSError: full",
        ),
        ('{"event": "asked to stop"}', "asked to stop"),
        ('{"event": "it broke", "level": "error"}\n{"event": "health", "level": "info"}', "it broke"),
        ("\n".join(['{"event": "health", "level": "info"}'] * 9), ""),
        ("npsso=abcdefghijk", "npsso=[hidden]"),
        ("x" * 500, "x" * 200 + " …"),
        ("\x00\xff" * 3, "\x00\xff" * 3),
    ],
)
def test_the_last_words_of_a_log(tmp_path: Path, tail: str, said: str) -> None:
    file = tmp_path / "media.log"
    file.write_text("earlier\n" * 9000 + tail if tail else "")
    assert last_words.of_log(file) == said
    assert last_words.of_log(tmp_path / "none") == ""
