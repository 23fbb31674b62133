"""How long to wait: what each network teaches, and what it costs."""

from __future__ import annotations

import random

import pytest

from common.basic.values import Latency
from workers.media.receive.buffer.delay_estimator import HELD_MARGIN_NS, DelayEstimator, nearest_held
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.buffer.packet_buffer import BufferedPacket
from workers.media.receive.buffer.time_units import MS, nanoseconds, samples


def learn(delay: DelayEstimator, late_ms: list[float | None], *, fec: bool = True, first: int = 0) -> None:
    """Let packet n come `late_ms[n]` after its time; None: it is lost."""
    for number, late in enumerate(late_ms, first):
        if late is not None:
            position = number * 1920
            delay.record_arrival(BufferedPacket(number, position, 1920, b"", int((number * 40 + late) * MS), fec=fec))


def settled(late_ms: list[float | None], *, fec: bool = True, latency: Latency = "balanced") -> float:
    delay = DelayEstimator(PLANS[latency])
    for at in range(0, len(late_ms), 10):
        learn(delay, late_ms[at : at + 10], fec=fec, first=at)
        delay.aim(5 * MS)
    return delay.target_ns / MS


def test_a_clean_network_needs_less_than_a_packet() -> None:
    assert settled([0.0] * 1000) == 5


def test_the_first_packets_wait_for_nothing() -> None:
    assert settled([0.0] * 10) == 5


def test_a_late_packet_at_the_beginning_is_not_the_whole_truth() -> None:
    assert settled([0.0, 0.0, 0.0, 250.0]) < 100


def test_the_copy_that_ends_a_longer_hole_is_not_worth_waiting_for() -> None:
    pairs = [None if number % 100 in (98, 99) else 0.0 for number in range(1500)]
    single = [None if number % 50 == 49 else 0.0 for number in range(1500)]
    assert (settled(pairs), settled(single)) == (5, 45)


def test_losses_wait_for_the_next_packets_copy_only_if_there_is_one() -> None:
    lossy = [None if number % 10 == 9 else 0.0 for number in range(1000)]
    assert settled(lossy) == 45
    assert settled(lossy, fec=False) == 5


def test_jitter_is_waited_for_as_far_as_it_goes() -> None:
    draw = random.Random(1)
    assert settled([draw.uniform(0, 60) for _ in range(1000)]) in (55, 65)


def test_after_a_long_calm_a_second_and_a_half_of_losses_raises_the_target() -> None:
    delay = DelayEstimator(PLANS["balanced"])
    learn(delay, [0.0] * 1000)
    assert delay.aim(5 * MS) == 5 * MS
    learn(delay, [None if number % 5 == 4 else 0.0 for number in range(36)], first=1000)
    assert delay.aim(5 * MS) == 45 * MS


def test_rare_stalls_are_met_half_way() -> None:
    often, rare, hardly = (
        settled([max(0.0, 150.0 - 40 * (number % period)) for number in range(1500)]) for period in (110, 330, 700)
    )
    assert 145 <= often <= 155
    assert 55 <= rare <= 95
    assert hardly <= 5


def test_a_long_stall_is_waited_for_when_it_comes_again_and_again() -> None:
    once = [max(0.0, 400.0 - 40 * (number % 400)) if number > 300 else 0.0 for number in range(1500)]
    again = [max(0.0, 400.0 - 40 * (number % 60)) if number > 300 else 0.0 for number in range(1500)]
    assert settled(once) <= 95
    assert 395 <= settled(again) <= 405
    assert settled(again, latency="low") <= PLANS["low"].longest_ms


def test_a_stall_beyond_the_cap_teaches_nothing() -> None:
    assert settled([max(0.0, 600.0 - 40 * (number % 60)) if number > 300 else 0.0 for number in range(1500)]) <= 25


def test_the_settings_shift_what_a_stall_may_cost() -> None:
    stalls = [max(0.0, 150.0 - 40 * (number % 220)) for number in range(1500)]
    low, balanced, smooth = (settled(stalls, latency=latency) for latency in ("low", "balanced", "smooth"))
    assert low < balanced < smooth


@pytest.mark.parametrize("drift", [0.9997, 1.0003])
def test_a_clock_that_drifts_is_followed(drift: float) -> None:
    delay = DelayEstimator(PLANS["balanced"])
    for number in range(5000):
        delay.record_arrival(BufferedPacket(number, number * 1920, 1920, b"", int(number * 40 * MS * drift)))
    assert delay.fastest_ns is not None
    assert abs(delay.fastest_ns - 5000 * 40 * MS * (drift - 1)) < 3 * MS
    assert delay.aim(5 * MS) == 5 * MS


def test_the_cap_and_the_floor_hold() -> None:
    delay = DelayEstimator(PLANS["balanced"], min_ns=30 * MS, max_ns=80 * MS)
    assert delay.aim(0) >= 30 * MS
    learn(delay, [100.0 * (number % 2) for number in range(500)])
    assert delay.aim(0) <= 80 * MS


@pytest.mark.parametrize(("least", "most"), [(0, 20), (0, 519), (0, 520), (0, 1000), (520, 1000), (1000, 1000)])
def test_every_delay_that_the_settings_allow_can_be_chosen(least: int, most: int) -> None:
    delay = DelayEstimator(PLANS["balanced"], min_ns=least * MS, max_ns=most * MS)
    draw = random.Random(5)
    for at in range(0, 400, 10):
        learn(delay, [draw.uniform(0, 1500) for _ in range(10)], first=at)
        assert least <= delay.aim(draw.randrange(10) * MS) / MS <= max(most, least + 10)


@pytest.mark.parametrize("max_ms", [200, 1000])
def test_a_longer_cap_alone_does_not_make_the_delay_longer(max_ms: int) -> None:
    draw = random.Random(2)
    delay = DelayEstimator(PLANS["balanced"], max_ns=max_ms * MS)
    for at in range(0, 600, 10):
        learn(delay, [draw.uniform(0, 60) for _ in range(10)], first=at)
        delay.aim(5 * MS)
    assert delay.target_ns / MS in (55, 65)


def test_the_fastest_packet_counts_for_six_seconds() -> None:
    delay, forgotten_at = DelayEstimator(PLANS["balanced"]), []
    for number in range(300, 500):
        position = number * 37 * 48 + (20 * 48 if number == 300 else 0)
        delay.record_arrival(BufferedPacket(number, position, 37 * 48, b"", number * 37 * MS))
        if delay.fastest_ns != -20 * MS:
            forgotten_at.append((number - 300) * 37)
    assert 6000 <= forgotten_at[0] < 6300
    assert delay.fastest_ns == 0


def test_a_held_delay_is_aimed_at_whatever_the_network_needs_which_is_still_known() -> None:
    draw = random.Random(3)
    delay = DelayEstimator(PLANS["steady"])
    delay.hold(120 * MS)
    for at in range(0, 600, 10):
        learn(delay, [draw.uniform(0, 60) for _ in range(10)], first=at)
        assert delay.aim(5 * MS) == 125 * MS
        needed = delay.need()
    assert needed in (50 * MS, 60 * MS)
    delay.hold(None)
    assert delay.aim(5 * MS) in (55 * MS, 65 * MS)


@pytest.mark.parametrize(
    ("phase_ms", "before_ms", "target_ms"),
    [
        (0, 0, 120),
        (4, 0, 124),
        (9, 129, 129),
        (9, 0, 119),  # within the margin, and nothing was there before
        (9, 119, 119),
        (8, 118, 118),
        (7, 118, 127),
        (0, 119, 120),
        (9, 60, 119),
        (3, 500, 123),
    ],
)
def test_a_held_delay_is_met_within_a_tick(phase_ms: int, before_ms: int, target_ms: int) -> None:
    assert nearest_held(120 * MS, (40 + phase_ms) * MS, before_ms * MS) == target_ms * MS


def test_a_phase_that_moves_about_a_border_moves_the_target_as_little() -> None:
    draw, target = random.Random(6), 120 * MS
    for _ in range(500):
        noise = draw.uniform(-0.9, 0.9) * MS
        before, target = target, nearest_held(120 * MS, int(noise), target)
        assert abs(target - before) < HELD_MARGIN_NS


def test_40_ms_are_1920_samples() -> None:
    assert samples(40 * MS) == 1920
    assert nanoseconds(1920) == 40 * MS
    assert nanoseconds(-1920) == -40 * MS
