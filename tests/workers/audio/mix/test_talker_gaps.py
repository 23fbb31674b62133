from __future__ import annotations

from dataclasses import astuple

from common.messages import AudioFrame
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.mix.talker_gaps import FORGET_PULLS, GONE_PULLS, TalkerCounts, TalkerGaps

BO, CY = "2.PS5", "3.PS5"


def frame(peer: str, *, sounding: bool = True) -> TalkerFrame:
    header = AudioFrame(peer=peer, boot="m", tick=0, tick_ns=0, sounding=sounding)
    return TalkerFrame(header, b"x" if sounding else b"")


def played(gaps: TalkerGaps, *frames: TalkerFrame) -> MixStep:
    step = MixStep()
    gaps.on_played({one.frame.peer: one for one in frames}, step)
    return step


def speaking(*peers: str) -> TalkerGaps:
    gaps = TalkerGaps()
    for peer in peers:
        gaps.on_arrival(peer, 0)
    played(gaps, *(frame(peer) for peer in peers))
    return gaps


def test_a_gap_counts_once_its_talker_is_heard_again() -> None:
    gaps = speaking(BO, CY)
    assert played(gaps, frame(CY)).gaps == [BO]
    assert gaps.talkers[BO].missing == 0
    assert played(gaps, frame(BO), frame(CY)).gaps == []
    assert (gaps.talkers[BO].missing, gaps.talkers[BO].frames) == (1, 2)


def test_who_was_silent_or_has_left_has_no_gap() -> None:
    gaps = speaking(BO, CY)
    played(gaps, frame(BO, sounding=False), frame(CY))
    steps = [played(gaps) for _ in range(GONE_PULLS + 5)]
    assert [step.gaps for step in steps] == [[CY]] * (GONE_PULLS + 1) + [[]] * 4
    assert gaps.talkers[CY].missing == 0


def test_a_tick_is_complete_with_all_who_sound() -> None:
    gaps = speaking(BO, CY)
    assert not gaps.are_all_in({BO: frame(BO)})
    played(gaps, frame(BO), frame(CY, sounding=False))
    assert gaps.are_all_in({BO: frame(BO)})


def test_a_talker_is_forgotten_unless_its_frames_still_wait() -> None:
    gaps = speaking(BO, CY)
    gaps.forget(FORGET_PULLS, [])
    assert gaps.talkers.keys() == {BO, CY}
    gaps.forget(FORGET_PULLS + 1, [{BO: frame(BO)}])
    assert gaps.talkers.keys() == {BO}


def test_a_new_talker_has_counted_nothing() -> None:
    assert astuple(TalkerCounts()) == (0, 0, 0, 0, False, 0, 0)
    assert TalkerGaps().on_arrival(BO, 7).seen == 7


def test_dropped_frames_are_counted_for_their_talker() -> None:
    gaps = speaking(BO, CY)
    gaps.count_dropped([BO, BO])
    assert (gaps.talkers[BO].dropped, gaps.talkers[CY].dropped) == (2, 0)


def test_who_left_and_returns_has_missed_nothing() -> None:
    gaps = speaking(BO, CY)
    for _ in range(GONE_PULLS + 1):
        played(gaps, frame(CY))
    played(gaps, frame(BO), frame(CY))
    assert gaps.talkers[BO].missing == 0


def test_a_talker_leaves_after_a_second_and_is_forgotten_after_ten() -> None:
    assert (GONE_PULLS, FORGET_PULLS) == (100, 1000)
