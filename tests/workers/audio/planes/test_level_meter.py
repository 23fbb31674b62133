"""Levels are read once a tick, or twice, and no peak is lost by it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from common.messages import Levels
from workers.audio.planes.level_meter import TICK_S, LevelMeter, is_heard

BO = "1001.PS5"


class Peak:
    """Something with a peak since the last look, as a factor of full scale."""

    def __init__(self) -> None:
        self.peak = 0.0

    def take_peak(self) -> float:
        peak, self.peak = self.peak, 0.0
        return peak


def meter() -> tuple[LevelMeter, Peak]:
    voice, mix = Peak(), Peak()
    chain: Any = SimpleNamespace(mixer=SimpleNamespace(voices={BO: voice}), take_peak=mix.take_peak)
    return LevelMeter(chain), voice


@pytest.mark.parametrize(("per_s", "wait_s", "ends"), [
    (1, TICK_S, [True] * 4),
    (10, TICK_S, [True] * 4),
    (11, TICK_S / 2, [False, True, False, True]),
    (20, TICK_S / 2, [False, True, False, True]),
])  # fmt: skip
def test_it_is_read_as_often_as_wanted_and_a_tick_keeps_its_length(per_s: int, wait_s: float, ends: list[bool]) -> None:
    made, _ = meter()
    made.set_rate(per_s)
    assert made.wait_s == wait_s
    assert [made.ends_tick() for _ in ends] == ends


def test_a_rate_that_ends_in_the_middle_of_a_tick_ends_the_tick() -> None:
    made, _ = meter()
    made.set_rate(20)
    assert not made.ends_tick()
    made.set_rate(10)
    assert [made.ends_tick(), made.ends_tick()] == [True, True]


def test_the_loudest_of_a_tick_is_that_of_both_readings() -> None:
    made, voice = meter()
    voice.peak = 0.5
    assert made.read().talkers == {BO: -6.0}
    assert made.read().talkers == {BO: -120.0}
    assert made.take_loudest_db() == -6.0
    assert made.take_loudest_db() == -120.0


@pytest.mark.parametrize(("talkers", "mix", "heard"), [
    ({}, -120.0, False), ({BO: -95.0}, -95.0, False), ({BO: -80.0}, -120.0, True), ({}, -9.0, True),
])  # fmt: skip
def test_what_counts_as_heard(talkers: dict[str, float], mix: float, heard: bool) -> None:
    assert is_heard(Levels(talkers=talkers, mix=mix)) == heard
