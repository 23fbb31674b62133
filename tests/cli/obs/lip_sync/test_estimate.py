"""The lag of OBS's meters behind the party's frames, for voices that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from cli.obs.lip_sync.estimate import METER_S, Lag, Series, lag

SECONDS = 20


def voice(seed: int, seconds: int = SECONDS, share: float = 0.7) -> Series:
    """Return the peaks of syllables with pauses, a frame each 10 ms."""
    noise = np.random.default_rng(seed)
    syllables = noise.uniform(0.02, 0.4, seconds * 7 + 1) * (noise.random(seconds * 7 + 1) < share)
    peaks = np.repeat(syllables, 15)[: seconds * 100] * noise.uniform(0.6, 1.0, seconds * 100)
    return Series(np.arange(seconds * 100) * 0.01 + 0.01, peaks)


def metered(frames: Series, late_s: float, gain: float = 1.0, noise: float = 0.0005, seed: int = 5) -> Series:
    """Return what OBS's meter shows of such frames that arrive `late_s` later: jittered readings of the last 50 ms."""
    random = np.random.default_rng(seed)
    fine = np.arange(0, SECONDS + 3, 0.001)
    sound = np.interp(fine, frames.times + late_s, frames.peaks, left=0, right=0)
    times = np.arange(0.5, SECONDS + 1, METER_S)
    times = times + random.uniform(0, 0.012, len(times))
    window = round(METER_S * 1000)
    peaks = [sound[max(0, round(at * 1000) - window) : round(at * 1000)].max() for at in times]
    return Series(times, np.array(peaks) * gain + random.uniform(0, noise, len(times)))


@pytest.mark.parametrize("late_s", [-0.35, 0.0, 0.18, 0.9, 2.0])
def test_the_lag_is_found_within_10_ms(late_s: float) -> None:
    frames = voice(3)
    found = lag(metered(frames, late_s, gain=0.3), frames)
    assert found is not None
    assert found.seconds == pytest.approx(late_s, abs=0.01)
    assert found.is_sure


def test_two_people_who_say_different_things_are_no_match() -> None:
    for seed in range(10, 20):
        found = lag(metered(voice(seed), 0.2), voice(seed + 100))
        assert found is not None
        assert not found.is_sure, found


def test_a_game_that_is_louder_than_the_voice_is_no_match() -> None:
    frames, game = voice(3), voice(77, share=0.95)
    mixed = Series(frames.times, np.maximum(frames.peaks * 0.1, game.peaks))
    found = lag(metered(mixed, 0.2), frames)
    assert found is not None
    assert not found.is_sure


def test_a_few_words_are_too_little() -> None:
    frames = voice(3)
    short = Series(frames.times, np.where(frames.times < 2.0, frames.peaks, 0.0))
    found = lag(metered(short, 0.2), short)
    assert found is not None
    assert not found.is_sure


def test_a_delay_that_changes_while_it_is_measured_is_not_believed() -> None:
    frames = voice(3)
    one, other = metered(frames, 0.1), metered(frames, 0.35)
    early = one.times < SECONDS / 2
    half = Series(
        np.concatenate([one.times[early], other.times[~early]]), np.concatenate([one.peaks[early], other.peaks[~early]])
    )
    found = lag(half, frames)
    assert found is not None
    assert not found.is_sure


def test_silence_and_nothing_at_all_have_no_lag() -> None:
    frames = voice(3)
    assert lag(Series.of([]), frames) is None
    assert lag(Series(metered(frames, 0.1).times, np.zeros(410)), frames) is None
    assert lag(metered(frames, 0.1), Series(frames.times, np.zeros(len(frames.times)))) is None


def test_a_lag_is_sure_by_all_its_figures() -> None:
    good = Lag(0.2, 0.9, 0.2, 0.01, 12.0)
    assert good.is_sure
    for worse in (
        Lag(0.2, 0.59, 0.2, 0.01, 12.0),
        Lag(0.2, 0.9, 0.81, 0.01, 12.0),
        Lag(0.2, 0.9, 0.2, 0.07, 12.0),
        Lag(0.2, 0.9, 0.2, 0.01, 3.9),
    ):
        assert not worse.is_sure
