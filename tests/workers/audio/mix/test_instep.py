"""Where the mix lies on media's time line."""

from __future__ import annotations

from workers.audio.mix.instep import InStep
from workers.audio.mix.playout import Part, Step

from common.messages import AudioFrame

MS = 1_000_000


def sounding(tick_ns: int) -> Step:
    return Step([Part(AudioFrame(peer="1.PS5", boot="m", tick=0, tick_ns=tick_ns, sounding=True), b"x")])


def test_a_frame_lies_where_media_made_it_less_the_mixs_own_delay() -> None:
    step = InStep(5.0 * MS)
    assert step.due_ns(sounding(100 * MS), 300 * MS) == 95 * MS
    assert step.due_ns(sounding(110 * MS), 310 * MS) == 105 * MS


def test_empty_frames_follow_on_the_last_one_for_as_long_as_a_fade_may_sound() -> None:
    step = InStep()
    step.due_ns(sounding(100 * MS), 300 * MS)
    found = [step.due_ns(Step(), (900 + n) * MS) for n in range(22)]
    assert found[:20] == [(110 + 10 * n) * MS for n in range(20)]
    assert found[20:] == [720 * MS, 721 * MS]  # then they lag behind the sink as the last sound did


def test_before_any_sound_a_frame_lies_where_it_is_heard() -> None:
    assert InStep().due_ns(Step(), 42.0 * MS) == 42 * MS


def test_sound_after_a_pause_begins_the_count_again() -> None:
    step = InStep()
    step.due_ns(sounding(0), 0)
    for _ in range(15):
        step.due_ns(Step(), 0)
    step.due_ns(sounding(500 * MS), 600 * MS)
    found = [step.due_ns(Step(), 0) for _ in range(20)]
    assert found == [(510 + 10 * n) * MS for n in range(20)]
