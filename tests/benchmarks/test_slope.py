"""Whether a figure is said to grow."""

from __future__ import annotations

import random

import pytest

from benchmarks.whole.slope import LEAST, quarters, rises, slope, verdict

TIMES = [10.0 * step for step in range(200)]


def noisy(per_hour: float, noise: float, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [50 + per_hour * at / 3600 + chance.gauss(0, noise) for at in TIMES]


def test_the_slope_of_a_line_is_found():
    found = slope(TIMES, noisy(36.0, 0.0))
    assert found.per_hour == pytest.approx(36.0)
    assert found.error_per_hour == pytest.approx(0.0, abs=1e-6)


def test_a_leak_in_noise_grows_and_noise_alone_is_flat():
    assert verdict(slope(TIMES, noisy(20.0, 1.0)), 2.0) == "growing"
    for seed in range(20):
        assert verdict(slope(TIMES, noisy(0.0, 1.0, seed)), 2.0) == "flat"


def test_what_fills_after_the_start_is_no_growth():
    assert verdict(slope(TIMES, [min(at, 400.0) for at in TIMES]), 1.0) == "flat"


def test_growth_within_what_may_be_is_flat_and_shrinking_too():
    assert verdict(slope(TIMES, noisy(1.0, 0.0)), 2.0) == "flat"
    assert verdict(slope(TIMES, noisy(-50.0, 0.0)), 2.0) == "flat"


def test_few_samples_tell_nothing():
    few = LEAST - 1
    assert verdict(slope(TIMES[:few], noisy(900.0, 0.0)[:few]), 1.0) == "too short"
    assert verdict(slope([], []), 1.0) == "too short"
    assert verdict(slope([1.0] * 40, [2.0] * 40), 1.0) == "flat"


def test_the_quarters_of_a_run_show_where_it_grew():
    assert quarters([1.0, 1.0, 2.0, 9.0, 3.0, 3.0, 4.0, 4.0]) == [1.0, 5.5, 3.0, 4.0]
    assert quarters([1.0]) == [1.0]


def test_what_rises_in_each_quarter_by_more_than_may_be_grows():
    day = 24.0
    assert rises([0.0, 1.0, 4.0, 8.0], day, 0.5)  # 7 in 12 h
    assert not rises([0.0, 1.0, 4.0, 6.5], day, 0.5)
    assert not rises([0.0, 1.0, 1.0, 9.0], day, 0.5)  # one step, no leak
    assert not rises([9.0, 8.0, 7.0, 6.0], day, 0.5)
    assert not rises([1.0], day, 0.5)
