from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.messages import AudioFrame
from workers.audio.mix.playout import FAR_TICKS, FORGET_PULLS, GONE_PULLS, IDLE_PULLS, Part, Playout, Step

SOUND = b"\x01\x02" * 480


def frame(tick: int, peer: str = "1.PS5", *, sounding: bool = True, boot: str = "m1") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick * 10_000_000, sounding=sounding)


def put(playout: Playout, *ticks: int, peer: str = "1.PS5", sounding: bool = True, boot: str = "m1") -> None:
    for tick in ticks:
        playout.put(Part(frame(tick, peer, sounding=sounding, boot=boot), SOUND if sounding else b""))


def ticks(step: Step) -> list[int]:
    return [part.frame.tick for part in step.parts]


def test_nothing_plays_until_the_target_waits() -> None:
    playout = Playout(20)
    put(playout, 100)
    assert playout.pull() == Step()
    put(playout, 101)
    assert ticks(playout.pull()) == [100]


def test_a_steady_stream_plays_every_tick_once_and_in_order() -> None:
    playout = Playout(20)
    played = []
    for tick in range(1000):
        put(playout, tick)
        played += ticks(playout.pull())
    assert played == list(range(999))
    talker = playout.talkers["1.PS5"]
    assert (talker.missing, talker.dropped, talker.late, playout.underruns) == (0, 0, 0, 0)


@given(st.permutations(list(range(5))))
def test_frames_of_one_moment_may_come_in_any_order(order: list[int]) -> None:
    playout = Playout(10)
    put(playout, 10, peer="0.PS5", sounding=False)
    playout.pull()
    for number in order:
        put(playout, 11, peer=f"{number}.PS5")
    put(playout, 12, peer="0.PS5")
    assert {part.frame.peer for part in playout.pull().parts} == {f"{number}.PS5" for number in range(5)}


def test_a_tick_that_never_comes_is_a_counted_gap() -> None:
    playout = Playout(30)
    put(playout, 0, 1, 3, 4, 5)
    playout.pull()
    put(playout, 6)
    assert ticks(playout.pull()) == [4]  # three wait: the cursor began at 3
    put(playout, 8, 9)
    assert [ticks(playout.pull()) for _ in range(2)] == [[5], [6]]
    gap = playout.pull()
    assert (ticks(gap), gap.gaps) == ([], ["1.PS5"])
    assert ticks(playout.pull()) == [8]
    assert playout.talkers["1.PS5"].missing == 1


def test_a_missing_tick_of_a_silent_talker_is_no_gap() -> None:
    playout = Playout(20)
    put(playout, 0, 1, 3, 4, sounding=False)
    steps = [playout.pull() for _ in range(2)]
    put(playout, 5, 7, sounding=False)
    steps += [playout.pull() for _ in range(3)]
    assert not any(step.gaps for step in steps)
    assert playout.talkers["1.PS5"].missing == 0


def test_a_late_frame_is_counted_and_not_played() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    put(playout, 0, 1, peer="2.PS5")
    playout.pull()
    put(playout, 0, peer="2.PS5")
    put(playout, 2)
    assert ticks(playout.pull()) == [1, 1]
    assert playout.talkers["2.PS5"].late == 1


def test_an_underrun_waits_for_the_frame_and_loses_nothing() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    assert [ticks(playout.pull()) for _ in range(2)] == [[0], [1]]
    assert playout.pull().gaps == ["1.PS5"]
    assert playout.underruns == 1
    put(playout, 2, 3)
    assert [ticks(playout.pull()) for _ in range(2)] == [[2], [3]]
    assert playout.talkers["1.PS5"].missing == 1


def test_underruns_count_only_while_somebody_speaks() -> None:
    playout = Playout(20)
    put(playout, 0, 1, sounding=False)
    for _ in range(10):
        playout.pull()
    assert playout.underruns == 0
    assert playout.talkers["1.PS5"].missing == 0


def test_one_talker_who_lags_within_a_tick_is_waited_for() -> None:
    playout = Playout(10)
    put(playout, 0)
    put(playout, 0, peer="2.PS5")
    playout.pull()
    put(playout, 1)
    assert not ticks(playout.pull())
    put(playout, 1, peer="2.PS5")
    assert ticks(playout.pull()) == [1, 1]


def test_a_talker_who_leaves_mid_word_holds_nobody_up_and_misses_nothing() -> None:
    playout = Playout(20)
    played = []
    for tick in range(400):
        put(playout, tick)
        if tick < 100:
            put(playout, tick, peer="2.PS5")
        step = playout.pull()
        played += [part.frame.tick for part in step.parts if part.frame.peer == "1.PS5"]
        if tick > 102 + GONE_PULLS:
            assert not step.gaps
    assert played == list(range(399))
    assert playout.talkers["2.PS5"].missing == 0
    assert playout.talkers["1.PS5"].missing == 0


def test_a_restarted_media_worker_is_taken_up_softly() -> None:
    playout = Playout(20)
    put(playout, *range(500, 504))
    for _ in range(2):
        playout.pull()
    put(playout, 0, 1, boot="m2")
    step = playout.pull()
    assert ticks(step) == [0]
    assert step.spliced
    put(playout, 504, boot="m1")
    assert playout.strays == 1
    put(playout, 2, boot="m2")
    assert ticks(playout.pull()) == [1]


def test_a_stream_that_stood_still_begins_anew_without_its_old_delay() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    for _ in range(IDLE_PULLS + 10):
        playout.pull()
    put(playout, *range(2, 40))  # all that was held up comes at once
    assert ticks(playout.pull()) == [38]
    assert playout.depth == 1


@pytest.mark.parametrize("strange", [1 << 60, -5, 12 + FAR_TICKS * 3])
def test_one_frame_with_a_strange_tick_does_not_silence_the_rest(strange: int) -> None:
    playout = Playout(20)
    played = []
    for tick in range(300):
        put(playout, tick)
        if tick == 10:
            put(playout, strange)
        played += [t for t in ticks(playout.pull()) if t != strange]
    assert len(played) >= 290
    assert played[-1] >= 296


def test_a_queue_that_ran_over_drops_silence_first() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    playout.pull()
    put(playout, 2, 3, 4)
    put(playout, *range(5, 25), sounding=False)
    put(playout, 25, 26)
    played = [tick for _ in range(playout.depth) for tick in ticks(playout.pull())]
    assert [tick for tick in played if tick < 5 or tick > 24] == [1, 2, 3, 4, 25, 26]
    assert playout.talkers["1.PS5"].dropped > 10
    assert playout.talkers["1.PS5"].missing == 0


def test_a_queue_that_ran_over_with_speech_drops_the_oldest_and_splices() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    playout.pull()
    put(playout, *range(2, 30))
    step = playout.pull()
    assert step.spliced
    assert ticks(step) == [28]
    assert playout.talkers["1.PS5"].dropped == 27


def test_frames_too_many_or_too_few_are_mended_in_silence_only() -> None:
    playout = Playout(20)
    put(playout, 0, 1)
    playout.pull()
    put(playout, 2, 3)
    playout.wish = 1
    assert ticks(playout.pull()) == [1]
    put(playout, 4, sounding=False)
    put(playout, 5)
    assert [ticks(playout.pull()) for _ in range(3)] == [[2], [3], [5]]
    assert (playout.wish, playout.talkers["1.PS5"].dropped) == (0, 1)
    put(playout, 6)
    put(playout, 7, sounding=False)
    playout.wish = -1
    assert [ticks(playout.pull()) for _ in range(3)] == [[6], [], [7]]
    assert (playout.wish, playout.inserted) == (0, 1)


def test_talkers_who_are_long_gone_are_forgotten() -> None:
    playout = Playout(20)
    for tick in range(FORGET_PULLS + 300):
        put(playout, tick)
        if tick < 10:
            put(playout, tick, peer="2.PS5", sounding=False)
        playout.pull()
    assert list(playout.talkers) == ["1.PS5"]


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
    playout = Playout(20)
    last = -1
    for what, tick, peer, sounding, boot in events:
        if what == "put":
            put(playout, tick, peer=peer, sounding=sounding, boot=boot)
            continue
        step = playout.pull()
        if step.spliced:
            last = -1
        assert len({(part.frame.boot, part.frame.tick) for part in step.parts}) <= 1
        assert len({part.frame.peer for part in step.parts}) == len(step.parts)
        for played in ticks(step)[:1]:
            assert played > last
            last = played
