from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from common.config.tables import AudioSettings
from workers.audio import surroundings as module
from workers.audio.memory import Choices
from workers.audio.mixing_desk import MixingDesk
from workers.audio.play.device_need import DeviceNeed
from workers.audio.sinks import SinkError
from workers.audio.sinks.null import NullSink
from workers.audio.surroundings import NARROW, WorkerSurroundings
from workers.audio.system.sound_system import Snapshot


class Worker:
    def __init__(self, **configured: Any) -> None:
        self.settings = SimpleNamespace(audio=AudioSettings(**configured))
        self.log = SimpleNamespace(info=lambda *_words, **_more: None)
        self.open: set[str] = set()
        self.health = ("", "")

    def publish_problem(self, code: str, *words: str, **more: Any) -> None:
        self.open.add(code)
        self.told = (*words, more.get("severity", "error"))

    def clear_problem(self, code: str) -> None:
        self.open.discard(code)

    def set_health(self, state: str, detail: str = "") -> None:
        self.health = (state, detail)


def made(worker: Worker, changes: list[str] | None = None) -> WorkerSurroundings:
    need = DeviceNeed(0.0)
    need.on_party(is_on=False, now=0.0)
    desk = MixingDesk(worker.settings.audio, Choices())
    system = SimpleNamespace(snapshot=Snapshot(1, ("a sign",)))
    told = changes if changes is not None else []
    return WorkerSurroundings(worker, desk, system, need, 0, lambda: told.append("changed"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("configured", "needed"),
    [
        ({"sink": "device"}, False),
        ({"sink": "device", "keep_open": True}, True),
        ({"sink": "file"}, True),
        ({"sink": "null"}, True),
    ],
)
def test_only_a_device_that_is_not_kept_open_rests_without_a_party(
    monkeypatch: pytest.MonkeyPatch, configured: dict[str, Any], needed: bool
) -> None:
    monkeypatch.setattr(module.time, "monotonic", lambda: 1e6)
    assert made(Worker(**configured)).is_needed() is needed


def test_rest_is_no_fault_and_leaves_no_problem() -> None:
    worker, changes = Worker(), []
    around, sink = made(worker, changes), NullSink()
    around.on_problem(sink, SinkError("audio.no-device", "It stalled.", "Check it.", stalled=True))
    assert worker.open == {"audio.no-device"}
    around.on_resting(sink)
    assert worker.open == set()
    assert worker.health == ("running", "the sound device is resting until a party is joined")
    assert changes == ["changed", "changed"]  # the same sink, but it plays for another reason


def test_channels_that_a_sink_lacks_are_a_problem_until_it_has_them() -> None:
    worker = Worker()
    around, sink = made(worker), NullSink()
    sink.missing_channels = lambda: (3, 9)  # type: ignore[method-assign]
    around.on_playing(sink)
    assert worker.open == {NARROW}
    around.on_playing(NullSink())
    assert worker.open == set()
    assert around.opened.is_set()


def test_signs_are_read_and_not_asked_for() -> None:
    assert made(Worker()).signs() == ("a sign",)


def test_a_missing_device_is_no_fault_while_a_page_plays() -> None:
    worker = Worker()
    around, sink = made(worker), NullSink()
    around.on_problem(sink, SinkError("audio.no-device", "There is none.", "Connect one."))
    assert worker.told[-1] == "error"
    assert "audio.sink null" in worker.told[1]
    assert worker.health[0] == "degraded"
    around.fault.on_listeners(1)
    assert worker.told[-1] == "note"
    assert worker.health[0] == "running"
    around.fault.on_listeners(0)
    assert worker.told[-1] == "error"


def test_pages_change_nothing_of_a_sink_that_plays_or_rests() -> None:
    worker = Worker()
    around, sink = made(worker), NullSink()
    around.on_problem(sink, SinkError("audio.no-device", "There is none.", "Connect one."))
    around.on_resting(sink)
    around.fault.on_listeners(2)
    assert worker.open == set()
