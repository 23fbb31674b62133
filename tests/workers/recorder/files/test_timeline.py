"""Where frames land: by their time alone, in step with each other."""

from __future__ import annotations

import numpy as np
import pytest

from common.bus.peers.cable.far_ticks import FarTicks
from common.messages import FRAME_SAMPLES
from tests.workers.recorder.rig import TICK_NS, frame, sound
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import MissingSamples, SpokenSamples, Timeline, origin_at, position

ORIGIN = 7_000_000_123
A, B = "1.PS5", "2.PS5"


def line(timeline: Timeline, until: int, account: str = "1") -> np.ndarray:
    parts = [block.sounds.get(account, np.zeros(BLOCK, np.int16)) for block in timeline.close(until)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def at(tick: int) -> int:
    """Time of a tick of a media whose first one was due at the origin."""
    return ORIGIN + tick * TICK_NS


def test_a_frame_lands_at_its_tick_to_the_sample():
    timeline = Timeline(ORIGIN)
    for tick in (0, 1, 9, 10, 95):
        timeline.put(frame(A, tick, at(tick)), sound(tick + 1))
    found = line(timeline, 100 * FRAME_SAMPLES)
    for tick in (0, 1, 9, 10, 95):
        assert (found[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES] == tick + 1).all()
    assert np.count_nonzero(found) == 5 * FRAME_SAMPLES


def test_all_talkers_of_a_tick_share_one_position_whatever_the_run_of_media():
    timeline = Timeline(ORIGIN)
    odd_ns = at(50) + 3_333_333  # another run's schedule lies anywhere
    for tick in range(20):
        for peer in (A, B):
            timeline.put(frame(peer, tick, odd_ns + tick * TICK_NS, "m2"), sound(tick + 1))
    blocks = list(timeline.close(100 * FRAME_SAMPLES))
    a, b = (np.concatenate([k.sounds.get(who, np.zeros(BLOCK, np.int16)) for k in blocks]) for who in "12")
    assert np.array_equal(a, b)
    assert int(np.flatnonzero(a)[0]) == 50 * FRAME_SAMPLES + 160
    assert np.array_equal(a[np.flatnonzero(a)], np.repeat(np.arange(1, 21), FRAME_SAMPLES))  # no seam within it


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_frames_of_a_machine_with_another_clock_are_whole_in_speech_and_missing_nowhere(ppm: float):
    timeline, ticks = Timeline(ORIGIN), FarTicks()
    for tick in range(2_000):
        spoken = tick % 500 < 400
        sent = frame(A, tick, at(tick), sounding=spoken)
        here = ticks.shifted(sent, round(tick * TICK_NS * ppm * 1e-6))
        timeline.put(here, sound(1 + tick % 500) if spoken else b"")
    found = line(timeline, 2_100 * FRAME_SAMPLES)
    words = [found[found == number] for number in range(1, 401)]
    assert {len(word) for word in words} == {4 * FRAME_SAMPLES}
    assert not np.count_nonzero(found > 400)
    assert not [event for event in timeline.events if isinstance(event, MissingSamples)]


def test_a_block_waits_until_its_time_is_over_and_takes_nothing_then():
    timeline = Timeline(ORIGIN)
    timeline.put(frame(A, 5, at(5)), sound(1))
    assert list(timeline.close(BLOCK - 1)) == []
    assert [block.number for block in timeline.close(BLOCK)] == [0]
    timeline.put(frame(A, 2, at(2)), sound(1))
    assert timeline.late == 1
    assert not line(timeline, 2 * BLOCK).any()


def test_what_was_said_before_the_start_is_not_recorded():
    timeline = Timeline(ORIGIN)
    timeline.put(frame(A, 0, ORIGIN - TICK_NS), sound(1))
    timeline.put(frame(A, 1, ORIGIN - TICK_NS // 2), sound(2))
    found = line(timeline, BLOCK)
    assert (found[: FRAME_SAMPLES // 2] == 2).all()
    assert not found[FRAME_SAMPLES // 2 :].any()


def test_one_account_on_two_consoles_at_once_is_heard_in_one_file_without_wrapping():
    timeline = Timeline(ORIGIN)
    timeline.put(frame("1.PS5", 0, at(0)), sound(30_000))
    timeline.put(frame("1.MOBILE_APP", 0, at(0)), sound(10_000))
    assert (line(timeline, BLOCK)[:FRAME_SAMPLES] == 32767).all()


def test_a_time_far_ahead_fills_no_memory():
    timeline = Timeline(ORIGIN)
    timeline.put(frame(A, 0, at(10**9)), sound(1))
    assert timeline.late == 1


def test_everybody_heard_of_is_in_each_block_also_in_silence():
    timeline = Timeline(ORIGIN)
    timeline.put(frame(A, 0, at(0), sounding=False), b"")
    (block,) = timeline.close(BLOCK)
    assert (block.accounts, block.sounds) == (("1",), {})


def test_gaps_and_speech_are_noticed():
    timeline = Timeline(ORIGIN)
    for tick in range(40):
        if tick not in (20, 21):
            timeline.put(frame(A, tick, at(tick), sounding=10 <= tick < 30), b"")
    for tick in range(300):
        timeline.put(frame(B, tick, at(tick), sounding=tick > 290), b"")
    timeline.end(300 * FRAME_SAMPLES)
    ticks = [(type(e), e.account_id, e.begin // FRAME_SAMPLES, e.end // FRAME_SAMPLES) for e in timeline.events]
    assert ticks == [
        (SpokenSamples, "1", 10, 20),
        (MissingSamples, "1", 20, 22),
        (SpokenSamples, "1", 22, 30),
        (MissingSamples, "1", 40, 300),
        (SpokenSamples, "2", 291, 300),
    ]


def test_a_restart_of_media_is_a_gap_but_its_odd_schedule_is_none():
    timeline = Timeline(ORIGIN)
    timeline.put(frame(A, 0, at(0)), b"")
    timeline.put(frame(A, 0, at(1) + 10_000, "m2"), b"")
    assert timeline.events == []
    timeline.put(frame(A, 0, at(100), "m3"), b"")
    assert [type(event) for event in timeline.events] == [SpokenSamples, MissingSamples]


@pytest.mark.parametrize("tick_ns", [12_345_678_901, 12_345_678_911, 99_999_999_999])
def test_two_timelines_differ_by_whole_samples_whatever_the_time_of_a_frame(tick_ns: int) -> None:
    one, two = origin_at(1_234_567_890), origin_at(7_000_000_123)
    assert position(tick_ns, one) - position(tick_ns, two) == position(two, one) == 276_768
