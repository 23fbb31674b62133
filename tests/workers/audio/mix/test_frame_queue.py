from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.messages import AudioFrame
from workers.audio.mix.frame_queue import FAR_TICKS, IDLE_PULLS, ROOM_MS, FrameQueue
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.mix.talker_gaps import FORGET_PULLS, GONE_PULLS

SOUND = b"\x01\x02" * 480


def frame(tick: int, peer: str = "1.PS5", *, sounding: bool = True, boot: str = "m1") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick * 10_000_000, sounding=sounding)


def put(queue: FrameQueue, *ticks: int, peer: str = "1.PS5", sounding: bool = True, boot: str = "m1") -> None:
    for tick in ticks:
        queue.put(TalkerFrame(frame(tick, peer, sounding=sounding, boot=boot), SOUND if sounding else b""))


def ticks(step: MixStep) -> list[int]:
    return [part.frame.tick for part in step.parts]


def test_nothing_plays_until_the_target_waits() -> None:
    queue = FrameQueue(20)
    put(queue, 100)
    assert queue.pull() == MixStep()
    put(queue, 101)
    assert ticks(queue.pull()) == [100]


def test_a_steady_stream_plays_every_tick_once_and_in_order() -> None:
    queue = FrameQueue(20)
    played = []
    for tick in range(1000):
        put(queue, tick)
        played += ticks(queue.pull())
    assert played == list(range(999))
    talker = queue.talkers["1.PS5"]
    assert (talker.missing, talker.dropped, talker.late, queue.underruns) == (0, 0, 0, 0)


@given(st.permutations(list(range(5))))
def test_frames_of_one_moment_may_come_in_any_order(order: list[int]) -> None:
    queue = FrameQueue(10)
    put(queue, 10, peer="0.PS5", sounding=False)
    queue.pull()
    for number in order:
        put(queue, 11, peer=f"{number}.PS5")
    put(queue, 12, peer="0.PS5")
    assert {part.frame.peer for part in queue.pull().parts} == {f"{number}.PS5" for number in range(5)}


def test_a_tick_that_never_comes_is_a_counted_gap() -> None:
    queue = FrameQueue(30)
    put(queue, 0, 1, 3, 4, 5)
    queue.pull()
    put(queue, 6)
    assert ticks(queue.pull()) == [4]  # three wait: the cursor began at 3
    put(queue, 8, 9)
    assert [ticks(queue.pull()) for _ in range(2)] == [[5], [6]]
    gap = queue.pull()
    assert (ticks(gap), gap.gaps) == ([], ["1.PS5"])
    assert ticks(queue.pull()) == [8]
    assert queue.talkers["1.PS5"].missing == 1


def test_a_missing_tick_of_a_silent_talker_is_no_gap() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1, 3, 4, sounding=False)
    steps = [queue.pull() for _ in range(2)]
    put(queue, 5, 7, sounding=False)
    steps += [queue.pull() for _ in range(3)]
    assert not any(step.gaps for step in steps)
    assert queue.talkers["1.PS5"].missing == 0


def test_a_late_frame_is_counted_and_not_played() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    put(queue, 0, 1, peer="2.PS5")
    queue.pull()
    put(queue, 0, peer="2.PS5")
    put(queue, 2)
    assert ticks(queue.pull()) == [1, 1]
    assert queue.talkers["2.PS5"].late == 1


def test_an_underrun_waits_for_the_frame_and_loses_nothing() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    assert [ticks(queue.pull()) for _ in range(2)] == [[0], [1]]
    assert queue.pull().gaps == ["1.PS5"]
    assert queue.underruns == 1
    put(queue, 2, 3)
    assert [ticks(queue.pull()) for _ in range(2)] == [[2], [3]]
    assert queue.talkers["1.PS5"].missing == 1


def test_underruns_count_only_while_somebody_speaks() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1, sounding=False)
    for _ in range(10):
        queue.pull()
    assert queue.underruns == 0
    assert queue.talkers["1.PS5"].missing == 0


def test_one_talker_who_lags_within_a_tick_is_waited_for() -> None:
    queue = FrameQueue(10)
    put(queue, 0)
    put(queue, 0, peer="2.PS5")
    queue.pull()
    put(queue, 1)
    assert not ticks(queue.pull())
    put(queue, 1, peer="2.PS5")
    assert ticks(queue.pull()) == [1, 1]


def test_a_talker_who_leaves_mid_word_holds_nobody_up_and_misses_nothing() -> None:
    queue = FrameQueue(20)
    played = []
    for tick in range(400):
        put(queue, tick)
        if tick < 100:
            put(queue, tick, peer="2.PS5")
        step = queue.pull()
        played += [part.frame.tick for part in step.parts if part.frame.peer == "1.PS5"]
        if tick > 102 + GONE_PULLS:
            assert not step.gaps
    assert played == list(range(399))
    assert queue.talkers["2.PS5"].missing == 0
    assert queue.talkers["1.PS5"].missing == 0


def test_a_restarted_media_worker_is_taken_up_softly() -> None:
    queue = FrameQueue(20)
    put(queue, *range(500, 504))
    for _ in range(2):
        queue.pull()
    put(queue, 0, 1, boot="m2")
    step = queue.pull()
    assert ticks(step) == [0]
    assert step.spliced
    put(queue, 504, boot="m1")
    assert queue.strays == 1
    put(queue, 2, boot="m2")
    assert ticks(queue.pull()) == [1]


def test_a_stream_that_stood_still_begins_anew_without_its_old_delay() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    for _ in range(IDLE_PULLS + 10):
        queue.pull()
    put(queue, *range(2, 40))  # all that was held up comes at once
    assert ticks(queue.pull()) == [38]
    assert queue.depth == 1


@pytest.mark.parametrize("strange", [1 << 60, -5, 12 + FAR_TICKS * 3])
def test_one_frame_with_a_strange_tick_does_not_silence_the_rest(strange: int) -> None:
    queue = FrameQueue(20)
    played = []
    for tick in range(300):
        put(queue, tick)
        if tick == 10:
            put(queue, strange)
        played += [t for t in ticks(queue.pull()) if t != strange]
    assert len(played) >= 290
    assert played[-1] >= 296


def test_a_queue_that_ran_over_drops_silence_first() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    queue.pull()
    put(queue, 2, 3, 4)
    put(queue, *range(5, 25), sounding=False)
    put(queue, 25, 26)
    played = [tick for _ in range(queue.depth) for tick in ticks(queue.pull())]
    assert [tick for tick in played if tick < 5 or tick > 24] == [1, 2, 3, 4, 25, 26]
    assert queue.talkers["1.PS5"].dropped > 10
    assert queue.talkers["1.PS5"].missing == 0


def test_a_queue_that_ran_over_with_speech_drops_the_oldest_and_splices() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    queue.pull()
    put(queue, *range(2, 30))
    step = queue.pull()
    assert step.spliced
    assert ticks(step) == [28]
    assert queue.talkers["1.PS5"].dropped == 27


def test_a_cut_that_was_requested_comes_in_speech_too_and_once() -> None:
    queue = FrameQueue(20)
    put(queue, *range(8))
    assert ticks(queue.pull()) == [6]  # the cursor is placed at the target
    put(queue, *range(8, 14))
    assert ticks(queue.pull()) == [7]
    queue.request_correction(None)
    step = queue.pull()
    assert (ticks(step), step.spliced) == ([12], True)
    assert queue.talkers["1.PS5"].dropped == 6 + 4
    put(queue, *range(14, 20))
    assert ticks(queue.pull()) == [13]


def test_frames_too_many_or_too_few_are_mended_in_silence_only() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    queue.pull()
    put(queue, 2, 3)
    queue.request_correction(1)
    assert ticks(queue.pull()) == [1]
    put(queue, 4, sounding=False)
    put(queue, 5)
    assert [ticks(queue.pull()) for _ in range(3)] == [[2], [3], [5]]
    assert (queue.correction, queue.talkers["1.PS5"].dropped) == (0, 1)
    put(queue, 6)
    put(queue, 7, sounding=False)
    queue.request_correction(-1)
    assert [ticks(queue.pull()) for _ in range(3)] == [[6], [], [7]]
    assert (queue.correction, queue.inserted) == (0, 1)


def test_talkers_who_are_long_gone_are_forgotten() -> None:
    queue = FrameQueue(20)
    for tick in range(FORGET_PULLS + 300):
        put(queue, tick)
        if tick < 10:
            put(queue, tick, peer="2.PS5", sounding=False)
        queue.pull()
    assert list(queue.talkers) == ["1.PS5"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "pull"]),
            st.integers(0, 60),
            st.sampled_from(["1.PS5", "2.PS5"]),
            st.booleans(),
            st.sampled_from(["a", "b"]),
        ),
        max_size=200,
    )
)
@settings(max_examples=200)
def test_between_two_splices_ticks_play_once_and_in_order(events: list[tuple[str, int, str, bool, str]]) -> None:
    queue = FrameQueue(20)
    last = -1
    for what, tick, peer, sounding, boot in events:
        if what == "put":
            put(queue, tick, peer=peer, sounding=sounding, boot=boot)
            continue
        step = queue.pull()
        if step.spliced:
            last = -1
        assert len({(part.frame.boot, part.frame.tick) for part in step.parts}) <= 1
        assert len({part.frame.peer for part in step.parts}) == len(step.parts)
        for played in ticks(step)[:1]:
            assert played > last
            last = played


def test_a_new_queue_has_counted_nothing() -> None:
    queue = FrameQueue(20)
    assert (queue.underruns, queue.inserted, queue.strays, queue.correction, queue.moves, queue.depth) == (0,) * 6
    assert (queue.target, queue.limit) == (2, 12)
    assert (FAR_TICKS, IDLE_PULLS, ROOM_MS) == (100, 20, 100)


def test_no_more_silence_is_dropped_than_brings_the_queue_to_its_target() -> None:
    queue = FrameQueue(20)
    put(queue, 0, 1)
    queue.pull()
    put(queue, *range(2, 21), sounding=False)
    assert ticks(queue.pull()) == [1]
    assert (queue.talkers["1.PS5"].dropped, queue.depth) == (18, 1)


def test_who_sent_nothing_for_a_thousand_pulls_is_forgotten_at_the_next_look() -> None:
    queue = FrameQueue(20)
    put(queue, 0, sounding=False)
    put(queue, 1, peer="2.PS5", sounding=False)
    for _ in range(1099):
        queue.pull()
    assert queue.talkers.keys() == {"1.PS5", "2.PS5"}
    queue.pull()
    assert not queue.talkers
