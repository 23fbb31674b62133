from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import WorkerHealth
from common.run import worker
from common.run.heartbeat import Heartbeat


class Published:
    boot = "b"

    def __init__(self) -> None:
        self.beats: list[WorkerHealth] = []

    def publish(self, message: WorkerHealth) -> None:
        self.beats.append(message)


def test_cpu_time_counts_from_the_same_moment_as_the_age_of_the_process() -> None:
    began = time.process_time()
    while time.process_time() - began < 0.05:  # as the imports of a worker do
        pass
    bus: Any = Published()
    heartbeat = Heartbeat("media", bus)
    heartbeat.beat()
    (beat,) = bus.beats
    assert 0 <= beat.cpu_seconds < 0.05
    assert beat.up_s >= 0


def test_the_facts_that_a_worker_assigns_are_in_its_next_beat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Some(worker.Worker):
        name = "media"

    bus = Published()
    monkeypatch.setattr(worker, "Bus", lambda *_: bus)
    some = Some(Paths(tmp_path), Settings())
    some.facts = {"libopus": "1.6"}
    some.facts |= {"calls": "3"}
    some.set_health("running")
    assert bus.beats[-1].facts == {"libopus": "1.6", "calls": "3"}
    some.facts = {"calls": "4"}
    some.set_health("degraded")
    assert bus.beats[-1].facts == {"calls": "4"}


def test_only_another_state_is_new() -> None:
    heartbeat = Heartbeat("media", Published())  # type: ignore[arg-type]
    assert heartbeat.set("running", "idle")
    assert not heartbeat.set("running", "idle")
    assert heartbeat.set("running", "joined")
