"""The device's clock: whatever it is off, the mix follows it without a click, a drop or a repeat."""

from __future__ import annotations

import numpy as np
import pytest

from common.messages import AudioFrame
from tests.workers.audio.play.driven import Driven, outside_the_tone_db
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.play.rate_control import MOST_PPM, SLEW_PPM_S, STEER_PPM, RateControl


@pytest.mark.parametrize(("ppm", "block"), [(500, 480), (-500, 441), (200, 512), (-200, 240)])
def test_a_device_whose_clock_is_off_is_followed_without_a_click_a_drop_or_a_repeat(ppm: float, block: int) -> None:
    device = Driven(ppm, block=block, steered=False)
    for sound in device.seconds(7):  # nobody speaks in the first five
        assert np.isfinite(sound).all()
    before = device.faults
    worst = max(outside_the_tone_db(sound) for sound in device.seconds(100))
    assert worst < -85  # a click of a thousandth of the tone would show at -65
    assert device.faults == before
    assert np.ptp(device.queue_ms[7:]) < 8  # while it learns; benchmarks.sound.drift runs for hours
    assert np.ptp(device.queue_ms[-20:]) < 1
    assert device.rate_control.ppm == pytest.approx(-ppm, abs=50)


def test_the_check_for_clicks_sees_one() -> None:
    device = Driven(0)
    *_, sound = device.seconds(7)
    assert outside_the_tone_db(sound) < -85
    broken = sound.copy()
    broken[20_000:] = np.roll(broken[20_000:], 1)  # one sample repeated
    assert outside_the_tone_db(broken) > -60


def step(tick: int, received_ns: int = 0) -> MixStep:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
    return MixStep([TalkerFrame(header, b"", received_ns)])


def test_the_ratio_never_changes_in_a_step_nor_beyond_its_limits() -> None:
    rate_control, seen = RateControl(), [0.0]
    for tick in range(60_000):
        rate_control.measure(step(tick), tick * 10_000_000 * 1.00005 + 1e7)  # and nothing comes of what it does
        seen.append(rate_control.ppm)
    assert np.abs(np.diff(seen)).max() <= SLEW_PPM_S * 0.01 + 1e-9
    assert max(seen) == MOST_PPM


def test_frames_passed_over_or_waited_for_are_not_taken_for_drift() -> None:
    rate_control, tick, heard_ns = RateControl(), 0, 0.0
    for pull in range(6000):
        if pull == 1000:
            tick += 3  # dropped
        if pull == 2000:
            heard_ns += 20_000_000  # waited for two
            rate_control.measure(MixStep(), 0)
            rate_control.measure(MixStep(), 0)
        rate_control.measure(step(tick), heard_ns + 15e6)
        tick += 1
        heard_ns += 10_000_000
    assert rate_control.ppm == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("stood_still_ms", [15, -15, 500])
def test_a_device_that_stood_still_or_a_late_callback_is_not_taken_for_drift(stood_still_ms: float) -> None:
    rate_control, seen = RateControl(), []
    for tick in range(6000):
        late_ms = 25 if tick % 50 == 0 else 0
        jumped_ms = stood_still_ms if tick > 3000 else 0
        rate_control.measure(step(tick), tick * 10_000_000 + (15 + late_ms + jumped_ms) * 1e6)
        seen.append(rate_control.ppm)
    assert np.abs(seen).max() < 1


def test_after_a_sleep_the_fill_is_held_as_it_is_found_and_the_clock_is_still_known() -> None:
    rate_control, heard_ns = RateControl(), 15e6
    for tick in range(20_000):
        rate_control.measure(step(tick), heard_ns)
        heard_ns += 10_000_000 * (1 + 100e-6) / (1 + rate_control.ppm / 1e6)
    known = rate_control.ppm
    assert known == pytest.approx(100, abs=20)
    for tick in range(20_000, 20_250):
        rate_control.measure(step(tick), tick * 10_000_000 + 3600e9)
    assert rate_control.ppm == pytest.approx(known, abs=10)


MS = 1_000_000


def settled(ticks: int) -> RateControl:
    """Return a control that has seen so many ticks, with a fill of 15 ms."""
    rate_control = RateControl()
    for tick in range(ticks):
        rate_control.measure(step(tick), (tick * 10 + 15) * MS)
    return rate_control


def test_for_two_and_a_half_seconds_the_fill_is_measured_and_then_held() -> None:
    rate_control, seen = RateControl(), []
    for tick in range(252):
        rate_control.measure(step(tick), (tick * 10 + 15 + tick * 0.005) * MS)
        seen.append(rate_control.ppm)
    assert not any(seen[:250])
    assert 0 < seen[250] < seen[251]


@pytest.mark.parametrize("first", [250, 260])
@pytest.mark.parametrize(("late", "reacts"), [(19, True), (20, False)])
def test_after_a_fifth_of_a_second_of_late_callbacks_the_fill_is_measured_again(
    first: int, late: int, reacts: bool
) -> None:
    rate_control = settled(first)
    for tick in range(first, first + late):
        rate_control.measure(step(tick), (tick * 10 + 40) * MS)
    for tick in range(first + late, first + late + 100):
        rate_control.measure(step(tick), (tick * 10 + 16) * MS)
    assert (rate_control.ppm > 0) == reacts


def test_early_callbacks_that_are_fewer_than_the_usual_ones_do_not_move_the_fill() -> None:
    rate_control = RateControl()
    for tick in range(250):
        early_ms = 10 if tick % 5 in (0, 2) else 0
        rate_control.measure(step(tick), (tick * 10 + 15 - early_ms) * MS)
    for tick in range(250, 350):
        rate_control.measure(step(tick), (tick * 10 + 15) * MS)
    assert rate_control.ppm == pytest.approx(0, abs=1e-6)
    for tick in range(350, 450):
        rate_control.measure(step(tick), (tick * 10 + 16) * MS)
    assert rate_control.ppm > 0


@pytest.mark.parametrize("surplus_ms", [9.0, -6.0])
@pytest.mark.parametrize("device_ppm", [0.0, 150.0])
def test_a_surplus_is_taken_away_slowly_and_the_clock_stays_known(surplus_ms: float, device_ppm: float) -> None:
    rate_control, heard_ns, lag_ms, seen, followed = RateControl(), 15.0 * MS, [], [0.0], []
    for tick in range(30_000):
        lag_ms.append(heard_ns / MS - tick * 10)
        surplus = lag_ms[-1] - lag_ms[9999] + surplus_ms if tick >= 10_000 else 0.0
        rate_control.measure(step(tick), heard_ns, surplus * MS)
        seen.append(rate_control.ppm)
        heard_ns += 10 * MS * (1 + device_ppm * 1e-6) / (1 + rate_control.ppm / 1e6)
        if tick >= 10_000:
            followed.append(lag_ms[-1] - lag_ms[9999])
    assert followed[12_000] == pytest.approx(-surplus_ms, abs=1.0)  # two minutes later
    assert followed[-1] == pytest.approx(-surplus_ms, abs=0.6)
    assert np.abs(np.array(seen[10_000:]) - device_ppm).max() <= STEER_PPM + 10
    assert rate_control.ppm == pytest.approx(device_ppm, abs=5)
    assert np.abs(np.diff(seen)).max() <= 2 * SLEW_PPM_S * 0.01 + 1e-9


def test_a_surplus_waits_until_the_fill_is_known() -> None:
    rate_control = RateControl()
    for tick in range(250):
        rate_control.measure(step(tick), (tick * 10 + 15) * MS, 9.0 * MS)
        assert not rate_control.ppm


@pytest.mark.parametrize(("ppm", "block"), [(100, 480), (-300, 512), (300, 240)])
def test_on_a_quiet_machine_frames_wait_for_the_block_and_the_latest_one(ppm: float, block: int) -> None:
    device = Driven(ppm, block=block)
    for _ in device.seconds(30):
        pass
    before, first_ms = device.faults, device.queue_ms[-1]
    worst = max(outside_the_tone_db(sound) for sound in device.seconds(190))
    assert worst < -85
    assert device.faults == before
    needed_ns = device.chain.headroom.needed_ns
    assert needed_ns is not None
    block_ns = block / 48 * MS
    assert 3 * MS < needed_ns - block_ns < 11 * MS  # callbacks and frames are late by 1 ms, at most by 4 each
    assert abs(device.chain.surplus_ns) < 1 * MS
    assert device.queue_ms[-1] < first_ms - 5
    assert np.ptp(device.queue_ms[-20:]) < 1
    assert device.rate_control.following_ppm == pytest.approx(-ppm, abs=50)
