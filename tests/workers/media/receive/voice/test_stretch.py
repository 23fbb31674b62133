"""Speech made longer and shorter: by periods, without a seam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from workers.media.receive.voice import stretch
from workers.media.receive.voice.comfort import ComfortNoise
from workers.media.receive.voice.conceal import fade, level_db
from workers.media.receive.voice.extend import Extension
from workers.media.receive.voice.time_scaling import SHARE, TimeScaler

Samples = npt.NDArray[np.int16]


def hum(period: int, count: int = 1920) -> Samples:
    at = np.arange(count) * 2 * np.pi / period
    return np.rint(6000 * np.sin(at) + 3000 * np.sin(2 * at) + 1500 * np.sin(3 * at)).astype(np.int16)


def steepest(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(np.int32))).max())


@pytest.mark.parametrize("period", [150, 240, 400, 533, 700])
def test_the_period_of_a_voice_is_found(period: int) -> None:
    lag, alike = stretch.period(hum(period))
    assert alike > 0.99
    assert lag % period in (0, 1, period - 1)


@pytest.mark.parametrize("period", [240, 533])
def test_a_period_more_or_less_is_not_heard(period: int) -> None:
    sound = hum(period)
    shorter, longer = stretch.shorten(sound, period), stretch.lengthen(sound, period)
    assert (len(shorter), len(longer)) == (1920 - period, 1920 + period)
    assert steepest(shorter) <= steepest(sound) + 2
    assert steepest(longer) <= steepest(sound) + 2


def test_noise_keeps_its_pace_and_a_voice_changes_it_by_a_fifth_at_most() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 1920).astype(np.int16)
    assert len(TimeScaler().adjust(noise, 4800)) == 1920
    pace = TimeScaler()
    for _ in range(50):
        pace.adjust(hum(240), 48_000)
    assert 0.1 < pace.removed / (50 * 1920) <= SHARE + 0.01
    pace = TimeScaler()
    for _ in range(50):
        pace.adjust(hum(240), -48_000)
    assert 0.1 < pace.inserted / (50 * 1920) <= SHARE + 0.01


def test_quiet_gives_and_takes_exactly_what_is_wanted() -> None:
    quiet = np.random.default_rng(1).normal(0, 10, 1920).astype(np.int16)
    pace = TimeScaler()
    for _ in range(10):
        pace.adjust(quiet, 0)
    assert len(pace.adjust(quiet, 700)) == 1920 - 700
    assert len(pace.adjust(quiet, -700)) == 1920 + 700


def test_within_a_sentence_a_surplus_waits_for_a_pause() -> None:
    quiet = np.zeros(1920, np.int16)
    pace = TimeScaler()
    for sound in (hum(240), quiet, quiet, hum(240)):
        assert len(pace.adjust(sound, 2000)) == 1920


def test_a_voice_goes_on_where_it_stopped_and_fades() -> None:
    sound = hum(400, 3840)
    going_on = Extension(sound[:1920]).mix(np.zeros(1920, np.int16), 0)
    assert np.abs(going_on[1440:].astype(int) - sound[1920 + 1440 :]).max() < 1200
    assert not fade(sound, 9600).any()


def test_comfort_noise_has_its_level_and_no_seam() -> None:
    noise = ComfortNoise(bytes([50]))
    loop = np.concatenate([noise.next() for _ in range(40)])
    assert abs(level_db(loop) + 50) < 0.5
    assert np.array_equal(loop[:9600], loop[9600:])
    assert not ComfortNoise(b"").next().any()
    assert ComfortNoise(bytes([30, *range(0, 255, 8)])).next().any()
