"""What is told of voices that come from another machine, and when it is taken back."""

from __future__ import annotations

from typing import Any

from common.messages import FarSound
from tests.workers.audio.mix.far.far_driven import FarDriven, jitter_30
from workers.audio.mix.chain import Chain
from workers.audio.planes.far_sound_report import FarSoundReport, state_of


class Bus:
    def __init__(self) -> None:
        self.done: list[Any] = []

    def publish(self, message: FarSound) -> None:
        self.done.append(message)

    def clear(self, cls: type[FarSound]) -> None:
        self.done.append(cls)


class Worker:
    def __init__(self) -> None:
        self.bus = Bus()


def test_on_one_machine_nothing_is_told_but_what_an_earlier_run_said_is_taken_back_once() -> None:
    worker, chain = Worker(), Chain(20)
    report = FarSoundReport(worker, chain)  # type: ignore[arg-type]
    report.publish()
    report.publish()
    assert worker.bus.done == [FarSound]


def test_delay_jitter_and_the_longer_queue_of_another_machine() -> None:
    driven = FarDriven(way=jitter_30)
    list(driven.seconds(30))
    found = state_of(driven.chain)
    assert found is not None
    assert abs(found.delay_ms) < 20
    assert 20 < found.jitter_ms < 40
    assert found.queue_ms == 10.0 * driven.chain.jitter.extra_frames > 0
    assert found.missing == driven.faults[0]
