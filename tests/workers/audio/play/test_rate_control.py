"""The device's clock: whatever it is off, the mix follows it without a click, a drop or a repeat."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from tests.workers.audio.play.driven import Driven, outside_the_tone_db
from workers.audio.mix.headroom import WINDOW_FRAMES, Headroom
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.play.rate_control import MOST_PPM, SLEW_PPM_S, RateControl
from workers.audio.play.resample import Resampler


@pytest.mark.parametrize(("ppm", "block"), [(500, 480), (-500, 441), (200, 512), (-200, 240)])
def test_a_device_whose_clock_is_off_is_followed_without_a_click_a_drop_or_a_repeat(ppm: float, block: int) -> None:
    device = Driven(ppm, block=block)
    for sound in device.seconds(7):  # nobody speaks in the first five
        assert np.isfinite(sound).all()
    before = device.faults
    worst = max(outside_the_tone_db(sound) for sound in device.seconds(100))
    assert worst < -85  # a click of a thousandth of the tone would show at -65
    assert device.faults == before
    assert np.ptp(device.queue_ms[7:]) < 8  # while it learns; benchmarks.sound.drift runs for hours
    assert np.ptp(device.queue_ms[-20:]) < 1
    assert device.clock.ppm == pytest.approx(-ppm, abs=50)


def test_the_check_for_clicks_sees_one() -> None:
    device = Driven(0)
    *_, sound = device.seconds(7)
    assert outside_the_tone_db(sound) < -85
    broken = sound.copy()
    broken[20_000:] = np.roll(broken[20_000:], 1)  # one sample repeated
    assert outside_the_tone_db(broken) > -60


def resampled(sound: NDArray[np.float32], steps: list[float], blocks: list[int]) -> NDArray[np.float32]:
    resampler = Resampler()
    frames = iter(np.pad(sound, (0, 4 * FRAME_SAMPLES)).reshape(-1, 1, FRAME_SAMPLES))
    made, number = [], 0
    while sum(len(block) for block in made) < len(sound):
        block = np.empty((1, blocks[number % len(blocks)]), np.float32)
        resampler.process(block, steps[number % len(steps)], lambda _: next(frames))
        made.append(block[0])
        number += 1
    return np.concatenate(made)[: len(sound)]


@pytest.mark.parametrize("hertz", [100, 1000, 3400, 8000, 12_000])
def test_the_resampler_adds_nothing_to_a_tone_anywhere_in_the_band_of_speech(hertz: int) -> None:
    sound = np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    heard = resampled(sound, [1.0003], [480, 37, 1000])[1000:-1000].astype(np.float64)
    turns = 2 * np.pi * hertz * 1.0003 * np.arange(len(heard)) / SAMPLE_RATE
    basis = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    rest = heard - basis @ np.linalg.lstsq(basis, heard, rcond=None)[0]
    assert 10 * np.log10(np.mean(heard**2) / np.mean(rest**2)) > 80


def test_at_the_pace_of_the_input_the_resampler_only_delays() -> None:
    sound = np.random.default_rng(1).standard_normal(4800).astype(np.float32)
    smooth = np.convolve(sound, np.ones(8) / 8, "same").astype(np.float32)
    heard = resampled(smooth, [1.0], [480])
    assert np.abs(heard[1:] - smooth[:-1]).max() < 0.01


def test_the_resampler_tells_when_a_frame_will_be_heard() -> None:
    told: list[float] = []

    def pull(ahead: float) -> NDArray[np.float32]:
        told.append(ahead)
        frame = np.zeros((1, FRAME_SAMPLES), np.float32)
        frame[0, 0] = 1.0
        return frame

    out = np.empty((1, FRAME_SAMPLES * 3), np.float32)
    Resampler().process(out, 1.0, pull)
    first = [round(ahead) for ahead in told if ahead < out.shape[1]]
    assert np.flatnonzero(out[0] > 0.9).tolist() == first
    assert len(first) == 3


def step(tick: int, came_ns: int = 0) -> MixStep:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
    return MixStep([TalkerFrame(header, b"", came_ns)])


def test_the_ratio_never_changes_in_a_step_nor_beyond_its_limits() -> None:
    clock, seen = RateControl(), [0.0]
    for tick in range(60_000):
        clock.measure(step(tick), tick * 10_000_000 * 1.00005 + 1e7)  # and nothing comes of what it does
        seen.append(clock.ppm)
    assert np.abs(np.diff(seen)).max() <= SLEW_PPM_S * 0.01 + 1e-9
    assert max(seen) == MOST_PPM


def test_frames_passed_over_or_waited_for_are_not_taken_for_drift() -> None:
    clock, tick, heard_ns = RateControl(), 0, 0.0
    for pull in range(6000):
        if pull == 1000:
            tick += 3  # dropped
        if pull == 2000:
            heard_ns += 20_000_000  # waited for two
            clock.measure(MixStep(), 0)
            clock.measure(MixStep(), 0)
        clock.measure(step(tick), heard_ns + 15e6)
        tick += 1
        heard_ns += 10_000_000
    assert clock.ppm == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("stood_still_ms", [15, -15, 500])
def test_a_device_that_stood_still_or_a_late_callback_is_not_taken_for_drift(stood_still_ms: float) -> None:
    clock, seen = RateControl(), []
    for tick in range(6000):
        late_ms = 25 if tick % 50 == 0 else 0
        jumped_ms = stood_still_ms if tick > 3000 else 0
        clock.measure(step(tick), tick * 10_000_000 + (15 + late_ms + jumped_ms) * 1e6)
        seen.append(clock.ppm)
    assert np.abs(seen).max() < 1


def test_after_a_sleep_the_fill_is_held_as_it_is_found_and_the_clock_is_still_known() -> None:
    clock, heard_ns = RateControl(), 15e6
    for tick in range(20_000):
        clock.measure(step(tick), heard_ns)
        heard_ns += 10_000_000 * (1 + 100e-6) / (1 + clock.ppm / 1e6)
    known = clock.ppm
    assert known == pytest.approx(100, abs=20)
    for tick in range(20_000, 20_250):
        clock.measure(step(tick), tick * 10_000_000 + 3600e9)
    assert clock.ppm == pytest.approx(known, abs=10)


def spare_after(low_ms: float) -> int | None:
    headroom = Headroom(2)
    for tick in range(WINDOW_FRAMES):
        said = headroom.measure(step(tick, 0), round((low_ms if tick == 100 else low_ms + 12) * 1e6))
    return said


@pytest.mark.parametrize(("low_ms", "wish"), [(9, 0), (19, 0), (21, 1), (39, 3), (7, -1), (1, -1), (-5, -2)])
def test_the_least_that_lay_ready_says_whether_whole_frames_are_too_many_or_too_few(low_ms: float, wish: int) -> None:
    assert spare_after(low_ms) == wish
    if wish:
        assert spare_after(low_ms - wish * 10) == 0  # one correction calls for no other
