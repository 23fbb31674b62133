from __future__ import annotations

from common.messages import AudioFrame
from tests.workers.audio.rig import TICK_NS
from workers.audio.mix.alignment import RecorderAlignment
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

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
