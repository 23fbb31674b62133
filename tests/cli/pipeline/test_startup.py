"""When a worker counts as up."""

from __future__ import annotations

from cli.pipeline.startup import start_progress
from cli.shared.supervisor import Process
from tests.cli.pictures import NOW, health


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
