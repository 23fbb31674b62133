"""When a worker counts as up, and what is said of one that does not come up."""

from __future__ import annotations

from cli.pipeline.startup import MOST_FAILURES, FailedStarts, _gave_up, start_progress
from cli.shared.supervisor import Process
from tests.support.made import NOW, health


def process(name: str = "media", state: str = "RUNNING", exit_status: int = 0) -> Process:
    return Process(name, state, exit_status, f"/log/{name}.log", started_at=NOW - 600)


def waiting(found: Process, beats: dict | None = None, **more: object) -> tuple[str, ...]:
    return start_progress([found], beats or {}, more.pop("former", {}), NOW, **more).waiting


def test_a_worker_is_up_when_its_heart_says_so():
    assert waiting(process(), {"media": health("media")}) == ()
    assert waiting(process(), {"media": health("media", state="degraded")}) == ()
    assert waiting(process(), {"media": health("media", state="starting")}) == ("media",)
    assert waiting(process()) == ("media",)


def test_an_old_heartbeat_or_the_former_run_does_not_count():
    assert waiting(process(), {"media": health("media", beat_s=NOW - 9)}) == ("media",)
    assert waiting(process(), {"media": health("media")}, former={"media": "b1"}) == ("media",)
    assert waiting(process(state="BACKOFF"), {"media": health("media")}) == ("media",)


def test_the_simulator_is_up_when_it_has_said_where_in_this_run():
    assert waiting(process("simulator")) == ("simulator",)
    assert waiting(process("simulator"), simulator_since=NOW - 700) == ("simulator",)
    assert waiting(process("simulator"), simulator_since=NOW - 599) == ()


def test_who_ended_because_it_is_not_needed_is_not_waited_for():
    assert waiting(process("simulator", "EXITED")) == ()
    assert waiting(process("simulator", "EXITED", exit_status=1)) == ("simulator",)


def test_who_was_given_up_is_named():
    found = process(state="FATAL")
    assert start_progress([found], {}, {}, NOW).failed == (found,)


def attempt(state: str, started_at: float = NOW, **more: str) -> Process:
    return Process("media", state, 1, "/log/media.log", started_at=started_at, **more)


def test_who_fails_again_and_again_is_not_waited_for():
    failed = FailedStarts()
    for number in range(MOST_FAILURES):
        found = failed.given_up([attempt("BACKOFF", NOW + number)])
        assert failed.given_up([attempt("BACKOFF", NOW + number)]) == found  # one try is counted once
    assert [one.name for one in found] == ["media"]
    assert failed.given_up([attempt("RUNNING")]) == []


def test_supervisords_own_reason_or_the_logs_last_words_are_said(tmp_path):
    spawned = attempt("BACKOFF", spawn_error="can't find command '/somewhere/My'")
    assert "can't find command '/somewhere/My'" in _gave_up([spawned]).message
    log = tmp_path / "media.log"
    log.write_text("Traceback\nImportError: no module av\n")
    said = _gave_up([Process("media", "BACKOFF", 1, str(log))]).message
    assert said == "media does not start: ImportError: no module av."
