"""When a worker takes the machine to have slept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.basic import clock
from common.config.tables import Settings
from common.files.paths import Paths
from common.run import runner
from common.run.runner import JobRunner
from common.run.wake import WOKE_S, Wake, WakeDetector
from common.run.worker import Worker

AWAKE = st.floats(0.0, 1.0 + WOKE_S * 0.99)
SLEPT = st.floats(WOKE_S * 1.01, 86_400.0)


@pytest.mark.parametrize(
    ("boot", "monotonic", "found"),
    [
        (1.0, 1.0, None),
        (3.9, 3.9, None),  # a busy machine
        (601.0, 1.0, Wake(600.0, slept=True)),
        (601.0, 601.0, Wake(600.0, slept=False)),  # a stopped process, or a virtual machine whose clocks ran on
        (601.0, 301.0, Wake(300.0, slept=True)),  # stopped, then asleep
        (1.0, 601.0, None),  # a monotonic clock alone has jumped
        (-900.0, 1.0, None),  # a clock that went back
    ],
)
def test_what_the_clocks_say(boot: float, monotonic: float, found: Wake | None) -> None:
    detector = WakeDetector(1.0, 0.0, 0.0)
    assert detector.beat(boot, monotonic) == found
    assert detector.beat(boot + 1.0, monotonic + 1.0) is None, "each is told once"


@given(st.lists(st.tuples(st.one_of(st.just(0.0), SLEPT), AWAKE), min_size=1, max_size=50))
def test_every_sleep_is_told_once_with_its_length_and_load_never(beats: list[tuple[float, float]]) -> None:
    detector, boot, monotonic = WakeDetector(1.0, 100.0, 7.0), 100.0, 7.0
    for slept_s, awake_s in beats:
        boot, monotonic = boot + slept_s + awake_s, monotonic + awake_s
        wake = detector.beat(boot, monotonic)
        if slept_s:
            assert wake is not None
            assert wake.slept
            assert wake.away_s == pytest.approx(slept_s, abs=1e-3)
        else:
            assert wake is None


class Sleeper(Worker):
    name = "sleeper"

    def __init__(self, home: Path) -> None:
        super().__init__(Paths(home), Settings())
        self.heard: list[str] = []

    async def setup(self) -> None:
        return

    def beat(self) -> None:
        self.heard.append("beat")

    def on_wake(self, wake: Wake) -> None:
        self.heard.append(f"awake after {wake.away_s:.0f} s")
        if wake.away_s > 1000:
            raise ValueError("no idea")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the machine slept, so far."""
    slept = [0.0]
    monkeypatch.setattr(runner, "boot_s", lambda: clock.boot_s() + slept[0])
    return slept


async def test_a_worker_hears_it_before_its_next_beat(home: Path, slept: list[float]) -> None:
    worker = Sleeper(home)
    jobs: JobRunner = worker._job_runner
    slept[0] = 50.0
    worker._job_runner.check_wake(worker)
    assert worker.heard == [], "nothing is set up yet"
    await jobs._work(_Once(worker))
    slept[0] = 650.0
    worker._job_runner.check_wake(worker)
    worker._job_runner.check_wake(worker)
    assert worker.heard == ["awake after 600 s"]
    assert not worker.stopping.is_set()
    await worker.bus.close()


async def test_a_worker_that_cannot_handle_it_ends_and_says_so(home: Path, slept: list[float]) -> None:
    worker = Sleeper(home)
    await worker._job_runner._work(_Once(worker))
    slept[0] = 5000.0
    worker._job_runner.check_wake(worker)
    assert worker.stopping.is_set()
    assert worker._job_runner.finish() == 1
    await worker.bus.close()


class _Once:
    """The worker, whose job ends at once."""

    def __init__(self, worker: Sleeper) -> None:
        self.setup, self.stop, self.set_health = worker.setup, worker.stop, worker.set_health
        self.beat, self.on_wake = worker.beat, worker.on_wake

    async def run(self) -> None:
        return
