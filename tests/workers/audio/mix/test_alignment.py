"""Where the mix lies on media's time line."""

from __future__ import annotations

from common.messages import AudioFrame
from tests.workers.audio.rig import TICK_NS
from workers.audio.mix.alignment import RecorderAlignment
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

MS = 1_000_000
LATE_NS = 1_000_000.0
QUEUED_NS = 35_000_000
EMPTY = MixStep()


def step(tick: int) -> MixStep:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * TICK_NS, sounding=True)
    return MixStep([TalkerFrame(header, b"")])


def test_a_frame_lies_at_its_talkers_tick_less_the_mixs_own_delay() -> None:
    alignment = RecorderAlignment(LATE_NS)
    assert alignment.due_ns(step(7), 7 * TICK_NS + QUEUED_NS) == 7 * TICK_NS - LATE_NS


def test_an_empty_frame_follows_the_last_one_directly_whenever_it_is_heard() -> None:
    alignment = RecorderAlignment(LATE_NS)
    alignment.due_ns(step(7), 7 * TICK_NS + QUEUED_NS)
    assert alignment.due_ns(EMPTY, 8 * TICK_NS + QUEUED_NS + 3_000_000) == 8 * TICK_NS - LATE_NS


def test_after_a_long_pause_empty_frames_keep_the_last_delay() -> None:
    alignment = RecorderAlignment(LATE_NS)
    alignment.due_ns(step(7), 7 * TICK_NS + QUEUED_NS)
    for tick in range(8, 100):
        due_ns = alignment.due_ns(EMPTY, tick * TICK_NS + QUEUED_NS + 3_000_000)
    assert due_ns == 99 * TICK_NS - LATE_NS + 3_000_000


def sounding(tick_ns: int) -> MixStep:
    return MixStep([TalkerFrame(AudioFrame(peer="1.PS5", boot="m", tick=0, tick_ns=tick_ns, sounding=True), b"x")])


def test_a_frame_lies_where_media_made_it_less_the_mixs_own_delay() -> None:
    alignment = RecorderAlignment(5.0 * MS)
    assert alignment.due_ns(sounding(100 * MS), 300 * MS) == 95 * MS
    assert alignment.due_ns(sounding(110 * MS), 310 * MS) == 105 * MS


def test_empty_frames_follow_the_last_one_directly_while_a_fade_may_sound() -> None:
    alignment = RecorderAlignment()
    alignment.due_ns(sounding(100 * MS), 300 * MS)
    found = [alignment.due_ns(EMPTY, (900 + n) * MS) for n in range(22)]
    assert found[:20] == [(110 + 10 * n) * MS for n in range(20)]
    assert found[20:] == [720 * MS, 721 * MS]  # then they lag behind the sink as the last sound did


def test_before_any_sound_a_frame_lies_where_it_is_heard() -> None:
    assert RecorderAlignment().due_ns(EMPTY, 42.0 * MS) == 42 * MS


def test_sound_after_a_pause_begins_the_count_again() -> None:
    alignment = RecorderAlignment()
    alignment.due_ns(sounding(0), 0)
    for _ in range(15):
        alignment.due_ns(EMPTY, 0)
    alignment.due_ns(sounding(500 * MS), 600 * MS)
    found = [alignment.due_ns(EMPTY, 0) for _ in range(20)]
    assert found == [(510 + 10 * n) * MS for n in range(20)]
