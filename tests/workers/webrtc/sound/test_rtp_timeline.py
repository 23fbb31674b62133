"""Frames on the clock of RTP."""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_SAMPLES, AudioFrame
from workers.webrtc.sound.rtp_timeline import QUIET_S, PacketSound, RtpTimeline

PACKET = 2 * FRAME_SAMPLES


def frame(tick: int, boot: str = "one") -> AudioFrame:
    return AudioFrame(peer="mix", boot=boot, tick=tick, tick_ns=0)


def sound(value: int) -> np.ndarray:
    return np.full((FRAME_SAMPLES, 1), value, np.int16)


def put(timeline: RtpTimeline, ticks: range, now_s: float, boot: str = "one") -> list[PacketSound]:
    return [block for tick in ticks for block in timeline.add(frame(tick, boot), sound(tick), now_s)]


def times(blocks: list[PacketSound]) -> list[int]:
    return [block.pts // FRAME_SAMPLES for block in blocks]


def test_two_frames_make_a_packet_whatever_the_first_tick_is() -> None:
    made = put(RtpTimeline(1, 0.0), range(1000, 1005), 0.0)
    assert times(made) == [0, 2]
    assert made[0].sound[0, 0] == 1000
    assert made[0].sound[FRAME_SAMPLES, 0] == 1001
    assert len(made[0].sound) == PACKET


def test_the_times_follow_the_ticks_and_not_the_clock() -> None:
    timeline = RtpTimeline(1, 0.0)
    made = put(timeline, range(2), 0.0) + put(timeline, range(2, 4), 0.15) + put(timeline, range(4, 6), 0.15)
    assert times(made) == [0, 2, 4]


def test_a_missing_frame_is_a_hole_and_a_lonely_one_gets_silence() -> None:
    timeline = RtpTimeline(1, 0.0)
    made = put(timeline, range(3), 0.0) + put(timeline, range(5, 7), 0.0)
    assert times(made) == [0, 2, 5]
    assert made[1].sound[:FRAME_SAMPLES].any()
    assert not made[1].sound[FRAME_SAMPLES:].any()


def test_nothing_is_filled_while_the_source_may_only_be_late() -> None:
    timeline = RtpTimeline(1, 0.0)
    put(timeline, range(2), 1.0)
    assert timeline.fill(1.0 + QUIET_S - 0.01) == []


def test_silence_follows_the_clock_while_the_source_says_nothing() -> None:
    timeline = RtpTimeline(1, 1.0)
    put(timeline, range(2), 1.0)
    now, made = 1.0 + QUIET_S, []
    while now < 2.0:
        now += 0.02
        made += timeline.fill(now)
    first, last = times(made)[0], times(made)[-1]
    assert 20 <= first <= 24  # a hole of QUIET_S, then the present
    assert 98 <= last + 2 <= 102
    assert times(made) == list(range(first, last + 1, 2))
    assert not any(block.sound.any() for block in made)


def test_frames_whose_time_was_filled_are_dropped_and_those_after_them_are_heard() -> None:
    timeline = RtpTimeline(1, 0.0)
    put(timeline, range(2), 0.0)
    filled = [block for number in range(25) for block in timeline.fill(0.02 * (number + 1))]
    made = put(timeline, range(2, 60), 0.5)
    assert times(made)[0] == times(filled)[-1] + 2
    assert timeline.late == times(made)[0] - 2


def test_a_source_that_was_started_anew_goes_on_at_the_present() -> None:
    timeline = RtpTimeline(1, 0.0)
    put(timeline, range(50, 52), 0.0)
    made = put(timeline, range(2), 0.1, boot="two")
    assert times(made) == [12]  # 0.1 s after the frames before


def test_a_source_that_comes_after_long_silence_does_not_go_back() -> None:
    timeline = RtpTimeline(2, 0.0)
    filled = [block for number in range(1, 100) for block in timeline.fill(number * 0.02)]
    stereo = np.zeros((FRAME_SAMPLES, 2), np.int16)
    made = [block for tick in range(2) for block in timeline.add(frame(tick), stereo, 1.99)]
    assert times(made)[0] >= times(filled)[-1] + 2
    assert made[0].sound.shape == (PACKET, 2)
