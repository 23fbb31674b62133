from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from common.messages import AudioFrame, TalkerProcessing
from tests.support.waiting import eventually
from tests.workers.audio.mix.voices.pretended import Halving, tone
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mix.voices import lanes as lanes_module
from workers.audio.mix.voices import reports
from workers.audio.mix.voices.lanes import ProcessingLanes
from workers.audio.mix.voices.suppressor import MakeSuppressor, SuppressorError

BEHIND_MS = 60_000.0
SOUND = np.rint(tone(1, 0.2) * 32768).astype("<i2").tobytes()
OFF, GATE, SUPPRESS = TalkerProcessing(), TalkerProcessing(gate_db=-40), TalkerProcessing(suppress=True)


def part(peer: str, tick: int = 0, *, age_ms: float = 0.0) -> TalkerFrame:
    header = AudioFrame(peer=peer, boot="m", tick=tick, tick_ns=0, sounding=True)
    return TalkerFrame(header, SOUND, time.monotonic_ns() - round(age_ms * 1e6))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not behind here."""
    monkeypatch.setattr(lanes_module, "BEHIND_MS", BEHIND_MS)


class World:
    def __init__(self) -> None:
        self.wanted: dict[str, TalkerProcessing] = {}
        self.out: list[tuple[TalkerFrame, str]] = []
        self.made: list[Halving] = []
        self.make: MakeSuppressor = self._make

    def _make(self) -> Halving:
        self.made.append(Halving())
        return self.made[-1]

    def deliver(self, done: TalkerFrame) -> None:
        self.out.append((done, threading.current_thread().name))

    @contextmanager
    def lanes(self) -> Iterator[ProcessingLanes]:
        lanes = ProcessingLanes(self.deliver, lambda peer: self.wanted.get(peer, OFF), lambda: self.make())  # noqa: PLW0108  # a test sets it
        lanes.start()
        try:
            yield lanes
            assert lanes.fault is None
        finally:
            lanes.stop()


def until(condition: Callable[[], object]) -> None:
    eventually(condition, "the lanes have done it", every_s=0.002)


def say(world: World, lanes: ProcessingLanes, peer: str, frames: int) -> None:
    """Put frames one by one, as they are done."""
    for tick in range(frames):
        before = len(world.out)
        lanes.put(part(peer, tick))
        until(lambda before=before: len(world.out) > before)


def test_without_processing_a_frame_passes_in_the_receiving_thread() -> None:
    world = World()
    with world.lanes() as lanes:
        frame = part("1.PS5")
        lanes.put(frame)
        assert world.out == [(frame, threading.current_thread().name)]


def test_with_processing_frames_come_in_order_from_another_thread() -> None:
    world = World()
    world.wanted["1.PS5"] = GATE
    with world.lanes() as lanes:
        for tick in range(50):
            lanes.put(part("1.PS5", tick))
        until(lambda: len(world.out) == 50)
    assert [done.frame.tick for done, _ in world.out] == list(range(50))
    assert {name.partition("-")[0] for _, name in world.out} == {"voices"}
    assert all(done.processed is not None for done, _ in world.out)


def test_a_choice_counts_from_the_next_frame_and_ends_by_itself() -> None:
    world = World()
    with world.lanes() as lanes:
        say(world, lanes, "1.PS5", 1)
        world.wanted["1.PS5"] = GATE
        lanes.refresh()
        say(world, lanes, "1.PS5", 2)
        assert world.out[-1][0].processed is not None
        del world.wanted["1.PS5"]
        lanes.refresh()
        say(world, lanes, "1.PS5", 3)
        assert world.out[-1] == (world.out[-1][0], threading.current_thread().name)
        assert world.out[-1][0].processed is None


def test_a_suppressor_is_made_in_the_background_and_freed_with_its_talker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes_module, "GONE_S", 0.0)
    world = World()
    world.wanted["1.PS5"] = SUPPRESS
    with world.lanes() as lanes:
        until(lambda: say(world, lanes, "1.PS5", 1) or lanes.delay_ms("1.PS5") > 0)
        assert lanes.delay_ms("2.PS5") == 0
        lanes.forget()
        until(lambda: world.made[0].closed)
        assert lanes.delay_ms("1.PS5") == 0
    assert len(world.made) == 1


def test_a_talker_who_is_here_is_not_forgotten() -> None:
    world = World()
    world.wanted["1.PS5"] = SUPPRESS
    with world.lanes() as lanes:
        until(lambda: say(world, lanes, "1.PS5", 1) or lanes.delay_ms("1.PS5") > 0)
        lanes.forget()
        assert lanes.delay_ms("1.PS5") > 0


class Reporter:
    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: reports.Severity) -> None:
        assert severity == "warning"
        assert remedy
        self.open[code] = message

    def clear_problem(self, code: str) -> None:
        self.open.pop(code, None)


def test_a_machine_that_does_not_keep_up_pauses_the_suppression_and_says_so() -> None:
    world, worker = World(), Reporter()
    world.wanted["1.PS5"] = SUPPRESS
    with world.lanes() as lanes:
        until(lambda: say(world, lanes, "1.PS5", 1) or lanes.delay_ms("1.PS5") > 0)
        assert reports.report(worker, lanes).why_not == ""
        lanes.put(part("1.PS5", age_ms=BEHIND_MS + 1))
        assert not lanes.is_paused  # one late frame is a stall of the machine
        until(lambda: lanes.put(part("1.PS5", age_ms=BEHIND_MS + 1)) or lanes.is_paused)
        say(world, lanes, "1.PS5", 2)
        assert lanes.delay_ms("1.PS5") == 0
        taken = world.made[0].taken
        say(world, lanes, "1.PS5", 5)
        assert world.made[0].taken == taken  # nothing is left of it but to wait
        told = reports.report(worker, lanes)
        assert "paused" in told.why_not
        assert told.pauses == 1
        assert abs(told.paused_at - time.time()) < 60
        assert "paused" in worker.open[reports.CODE]
        assert lanes.pauses == 1


def test_a_library_that_is_gone_is_said_and_the_voice_is_heard() -> None:
    def refuse() -> Halving:
        raise SuppressorError("Noise suppression is not installed.")

    world, worker = World(), Reporter()
    world.wanted["1.PS5"], world.make = SUPPRESS, refuse
    with world.lanes() as lanes:
        until(lambda: say(world, lanes, "1.PS5", 1) or bool(lanes.fault_of_suppression()))
        assert world.out[-1][0].samples == SOUND
        assert reports.report(worker, lanes).why_not == "Noise suppression is not installed."
        world.wanted.clear()
        lanes.refresh()
        say(world, lanes, "1.PS5", 2)
        assert reports.report(worker, lanes).why_not == ""
        assert worker.open == {}
