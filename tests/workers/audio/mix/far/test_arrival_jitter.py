"""The queue's extra length, with arrivals that are drawn, and the whole chain behind a network and two clocks."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.messages import AudioFrame
from tests.workers.audio.mix.far.far_driven import FarDriven, Way, clean, jitter_30
from tests.workers.audio.play.driven import outside_the_tone_db
from workers.audio.mix.far.arrival_jitter import MOST_FRAMES, ArrivalJitter
from workers.audio.mix.talker_frames import TalkerFrame

COVERED_MS = 8.0


def part(tick: int, late_ms: float, *, drift_ns: int | None = 0, boot: str = "b") -> TalkerFrame:
    frame = AudioFrame(peer="p", boot=boot, tick=tick, tick_ns=tick * 10_000_000, drift_ns=drift_ns)
    return TalkerFrame(frame, b"", frame.tick_ns + round(late_ms * 1e6))


def after(ticks: int, late_ms: Callable[[random.Random, int], float]) -> ArrivalJitter:
    rng, found = random.Random(1), ArrivalJitter(COVERED_MS)
    for tick in range(ticks):
        found.record(part(tick, late_ms(rng, tick)))
    return found


@given(st.lists(st.floats(0, 500), min_size=30, max_size=120))
def test_frames_of_this_machine_pass_as_they_are_and_change_nothing(lates: list[float]) -> None:
    found = ArrivalJitter(COVERED_MS)
    for tick, late in enumerate(lates):
        own = part(tick, late, drift_ns=None)
        assert found.record(own) is own
    assert found.extra_frames == 0


@pytest.mark.parametrize(
    ("most_ms", "frames"), [(0.0, 0), (7.0, 0), (15.0, 1), (30.0, 3), (60.0, 6), (150.0, 15), (208.0, MOST_FRAMES)]
)
def test_even_jitter_is_covered_and_no_more(most_ms: float, frames: int) -> None:
    assert after(6_000, lambda rng, _: rng.random() * most_ms).extra_frames == frames


def test_a_stall_now_and_then_pays_if_it_is_frequent() -> None:
    def stalls(every: int) -> Callable[[random.Random, int], float]:
        return lambda _, tick: max(0.0, 100.0 - 10 * (tick % every))

    assert after(6_000, stalls(600)).extra_frames >= 9
    assert after(12_000, stalls(6_000)).extra_frames == 0


def test_a_stall_that_no_delay_covers_teaches_nothing() -> None:
    for ms in (300.0, 500.0, 1_250.0):
        found = after(12_000, lambda _, tick, ms=ms: max(1.0, ms - 10 * (tick % 1_000)))  # type: ignore[misc]
        assert found.extra_frames == 0
        assert found.recent_ms > 200


def test_a_network_that_became_quiet_is_believed_after_a_while() -> None:
    found = after(3_000, lambda rng, _: rng.random() * 40)
    assert found.extra_frames == 4
    for tick in range(3_000, 20_000):
        found.record(part(tick, 1.0))
    assert found.extra_frames == 0


def test_a_frame_is_given_on_as_if_it_had_come_as_fast_as_the_fastest() -> None:
    found = ArrivalJitter(COVERED_MS)
    found.record(part(0, 3.0))
    assert found.record(part(1, 25.0)).received_ns == part(1, 3.0).received_ns


@given(st.lists(st.floats(0, 400), min_size=50, max_size=400), st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_the_extra_delay_is_always_within_its_range(lates: list[float], repeat: int) -> None:
    found = ArrivalJitter(COVERED_MS)
    for tick in range(len(lates) * min(repeat, 8)):
        found.record(part(tick, lates[tick % len(lates)], boot="c" if tick > 300 else "b"))
        assert 0 <= found.extra_frames <= MOST_FRAMES


# --- the whole chain ------------------------------------------------------------------------------


def speech(tick: int) -> bool:
    return tick >= 500 and tick % 300 < 220


def stalled(at_s: float, ms: float) -> Way:
    def way(rng: np.random.Generator, now_s: float) -> float:
        usual = clean(rng, now_s)
        return max(usual, (at_s + ms / 1000 - now_s) * 1000) if at_s <= now_s < at_s + ms / 1000 else usual

    return way


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_another_clock_is_followed_without_a_missing_frame_or_a_click(ppm: float) -> None:
    driven = FarDriven(ppm)
    sound = list(driven.seconds(70))
    assert driven.rate_control.ppm == pytest.approx(ppm, abs=15)
    assert driven.faults[0] == 0
    assert driven.chain.queue.underruns == 0
    assert max(driven.queue_ms[10:]) - min(driven.queue_ms[10:]) < 14
    assert outside_the_tone_db(np.concatenate(sound[50:])) < -80


def test_jitter_is_waited_for_and_nothing_else_is() -> None:
    driven = FarDriven(way=jitter_30, speaks=speech)
    list(driven.seconds(60))
    assert 2 <= driven.chain.jitter.extra_frames <= 4
    before = driven.chain.queue.underruns
    list(driven.seconds(20))
    assert driven.chain.queue.underruns == before
    assert driven.queue_ms[-1] < 75


@pytest.mark.parametrize("ms", [80, 150, 500, 1_000, 3_000])
def test_what_a_stall_held_back_is_not_played_late_for_long(ms: int) -> None:
    driven = FarDriven(way=stalled(31.0, ms), speaks=speech)
    list(driven.seconds(31))
    before = driven.queue_ms[-1]
    list(driven.seconds(14))
    assert driven.queue_ms[-1] < before + 11
    assert driven.chain.jitter.extra_frames == 0
