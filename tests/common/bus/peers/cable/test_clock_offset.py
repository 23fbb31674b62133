"""Two clocks of which one is asked over networks that are drawn: idle, jittery, lopsided now and then, stalling."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.bus.peers.cable.clock_offset import STEPS, ClockOffset, ClockReading

Way = Callable[[random.Random], float]


def idle(rng: random.Random) -> float:
    return 0.0002 + rng.expovariate(1 / 0.0001)


def wireless(rng: random.Random) -> float:
    """Return a way through a busy Wi-Fi: 2 ms, up to 30 ms more, and a stall now and then."""
    return 0.002 + rng.random() * 0.03 + (0.4 if rng.random() < 0.01 else 0.0)


class Pair:
    """Two machines whose clocks differ by `offset_s` and by `ppm`."""

    def __init__(self, way: Way, *, offset_s: float = 5_000.0, ppm: float = 0.0, seed: int = 1) -> None:
        self.now_s = 100.0
        self.found = ClockOffset()
        self.boot = "a"
        self.asleep_s = 0.0
        self._way, self._offset_s, self._ppm = way, offset_s, ppm
        self._rng = random.Random(seed)

    def truth(self, now_s: float) -> float:
        return self._offset_s + now_s * self._ppm * 1e-6

    def ask(self) -> None:
        there, back = self._way(self._rng), self._way(self._rng)
        at = self.now_s + there
        boot_s = at + self.truth(at)
        theirs = ClockReading(boot_s=boot_s, monotonic_s=boot_s - self.asleep_s, boot=self.boot)
        self.found.record(self.now_s, at + back, theirs)
        self.now_s = at + back + 1.0

    def ask_for(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.ask()

    def error_s(self) -> float:
        found = self.found.offset_s(self.now_s)
        assert found is not None
        return found - self.truth(self.now_s)

    def step(self, seconds: float) -> None:
        self._offset_s += seconds


def test_before_the_first_answer_nothing_is_known() -> None:
    found = ClockOffset()
    assert found.offset_s(1.0) is None
    assert found.round_trip_s is None


@pytest.mark.parametrize("ppm", [-200.0, -20.0, 0.0, 60.0, 200.0])
@pytest.mark.parametrize(
    ("way", "after_s", "most_s"), [(idle, 20, 0.0003), (wireless, 60, 0.006), (wireless, 300, 0.003)]
)
def test_the_offset_is_found_and_followed(way: Way, after_s: float, most_s: float, ppm: float) -> None:
    pair = Pair(way, ppm=ppm)
    pair.ask_for(after_s)
    for _ in range(60):
        pair.ask()
        assert abs(pair.error_s()) < most_s
    assert pair.found.restarts == 0


def test_the_pace_is_found() -> None:
    for ppm in (-200.0, 35.0, 200.0):
        pair = Pair(wireless, ppm=ppm)
        pair.ask_for(600)
        assert pair.found.ppm == pytest.approx(ppm, abs=10)


@settings(max_examples=25, deadline=None)
@given(
    ppm=st.floats(-300, 300),
    offset_s=st.floats(-1e6, 1e6),
    seed=st.integers(0, 1 << 20),
    most_s=st.floats(0.0, 0.1),
)
def test_the_error_never_passes_the_worst_round_trip(ppm: float, offset_s: float, seed: int, most_s: float) -> None:
    pair = Pair(lambda rng: 0.0005 + rng.random() * most_s, offset_s=offset_s, ppm=ppm, seed=seed)
    for _ in range(120):
        pair.ask()
        assert abs(pair.error_s()) < 0.001 + 2 * most_s + 0.001  # and 1 s at 500 ppm, twice


def test_a_stall_changes_nothing() -> None:
    pair = Pair(idle, ppm=50)
    pair.ask_for(60)
    usual = pair._way
    for slow in (0.5, 1.5, 0.9):
        pair._way = lambda _, slow=slow: slow  # type: ignore[misc]
        pair.ask()
        pair._way = usual
        assert abs(pair.error_s()) < 0.0005
    assert pair.found.restarts == 0


def test_a_step_is_followed_after_a_few_answers_and_not_after_one() -> None:
    pair = Pair(idle)
    pair.ask_for(60)
    pair.step(3.0)
    for _ in range(STEPS - 1):
        pair.ask()
        assert pair.error_s() == pytest.approx(-3.0, abs=0.001)
    pair.ask()
    assert abs(pair.error_s()) < 0.001
    assert pair.found.restarts == 1


def test_one_answer_that_contradicts_is_forgotten() -> None:
    pair = Pair(idle)
    pair.ask_for(60)
    for _ in range(10):
        pair.step(2.0)
        pair.ask()
        pair.step(-2.0)
        pair.ask()
    assert abs(pair.error_s()) < 0.001
    assert pair.found.restarts == 0


def test_another_boot_is_another_clock_from_its_first_answer_on() -> None:
    pair = Pair(idle)
    pair.ask_for(30)
    pair.boot = "b"
    pair.step(-4_000.0)
    pair.ask()
    assert abs(pair.error_s()) < 0.001
    assert pair.found.restarts == 1


def test_their_sleep_moves_only_their_monotonic_clock() -> None:
    pair = Pair(idle)
    pair.ask_for(30)
    pair.asleep_s = 600.0
    pair.ask()
    assert pair.found.asleep_s == pytest.approx(600.0)
    assert abs(pair.error_s()) < 0.001
    assert pair.found.restarts == 0
