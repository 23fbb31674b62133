from __future__ import annotations

import time
from typing import Any

from common.messages import WorkerHealth
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
    heartbeat = Heartbeat("media", bus, {})
    heartbeat.beat()
    (beat,) = bus.beats
    assert 0 <= beat.cpu_seconds < 0.05
    assert beat.up_s >= 0


def test_only_another_state_is_new() -> None:
    heartbeat = Heartbeat("media", Published(), {"libopus": "1.6"})  # type: ignore[arg-type]
    assert heartbeat.set("running", "idle")
    assert not heartbeat.set("running", "idle")
    assert heartbeat.set("running", "joined")
