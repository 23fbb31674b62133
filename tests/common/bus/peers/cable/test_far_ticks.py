"""Frames of a machine whose clock runs at another pace, as readers here get them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from common.bus.peers.cable.far_ticks import MOST_NS, STEP_NS, FarTicks
from common.messages import FRAME_MS, AudioFrame

FRAME_NS = FRAME_MS * 1_000_000


def frame(tick: int, *, sounding: bool = False, peer: str = "2.PS5") -> AudioFrame:
    at = 10**12 + tick * FRAME_NS
    return AudioFrame(peer=peer, boot="b", tick=tick, tick_ns=at, arrived_ns=at - 5_000_000, sounding=sounding)


def offset_ns(tick: int, ppm: float) -> int:
    return 10**9 + round(tick * FRAME_NS * ppm * 1e-6)


def test_frames_of_equal_clocks_are_shifted_and_nothing_else() -> None:
    ticks = FarTicks()
    for tick in range(100):
        found = ticks.shifted(frame(tick), 7)
        assert (found.tick_ns, found.arrived_ns, found.drift_ns) == (
            frame(tick).tick_ns - 7,
            frame(tick).arrived_ns - 7,
            0,
        )


def test_a_frame_without_an_arrival_has_none_here_either() -> None:
    silent = AudioFrame(peer="p", boot="b", tick=1, tick_ns=100)
    assert FarTicks().shifted(silent, 7).arrived_ns == 0


@settings(max_examples=40, deadline=None)
@given(ppm=st.floats(-200, 200), spoken=st.lists(st.integers(1, 600), min_size=4, max_size=12))
def test_speech_is_whole_frames_and_time_is_true_with_what_is_told(ppm: float, spoken: list[int]) -> None:
    ticks, tick, last = FarTicks(), 0, None
    for number, length in enumerate(spoken):
        for at in range(length):
            sounding = number % 2 == 0
            found = [ticks.shifted(frame(tick, sounding=sounding, peer=peer), offset_ns(tick, ppm)) for peer in "ab"]
            assert found[0].tick_ns == found[1].tick_ns
            assert found[0].tick_ns + found[0].drift_ns == frame(tick).tick_ns - offset_ns(tick, ppm)
            assert abs(found[0].drift_ns) <= MOST_NS + FRAME_NS
            if last is not None and sounding and at > 1:
                assert found[0].tick_ns - last == FRAME_NS
            last = found[0].tick_ns
            tick += 1


def test_a_pause_takes_the_difference_over() -> None:
    ticks = FarTicks()
    ticks.shifted(frame(0, sounding=True), 0)
    assert ticks.shifted(frame(1, sounding=True), 3 * STEP_NS).drift_ns == -3 * STEP_NS
    assert ticks.shifted(frame(2), 3 * STEP_NS).drift_ns == -3 * STEP_NS  # its predecessor sounds
    assert ticks.shifted(frame(3), 3 * STEP_NS).drift_ns == 0


def test_speech_without_an_end_gets_no_further_away_than_pictures_bear() -> None:
    ticks = FarTicks()
    away = [ticks.shifted(frame(tick, sounding=True), tick * FRAME_NS // 5_000).drift_ns for tick in range(60_000)]
    assert min(away) >= -MOST_NS - FRAME_NS
    assert away[-1] > -MOST_NS


def test_another_clock_begins_anew() -> None:
    ticks = FarTicks()
    ticks.shifted(frame(500, sounding=True), 0)
    ticks.restart()
    assert ticks.shifted(frame(3, sounding=True), 10**12).drift_ns == 0
