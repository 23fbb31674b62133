"""Who speaks: begun by two loud frames, kept over the gaps between words."""

from __future__ import annotations

from workers.media.receive.activity import HANG_FRAMES, OFF_DB, ON_DB, Activity


def test_two_loud_frames_in_a_row_begin_speech_and_a_click_does_not() -> None:
    activity = Activity()
    assert not activity.speaking
    assert [activity.note(level) for level in (ON_DB, -90.0, ON_DB, ON_DB)] == [False, False, False, True]


def test_a_level_just_below_is_not_loud() -> None:
    activity = Activity()
    assert [activity.note(ON_DB - 0.1) for _ in range(5)] == [False] * 5


def test_speech_ends_300_ms_after_the_last_frame_that_was_not_quiet() -> None:
    activity = Activity()
    activity.note(0.0)
    activity.note(0.0)
    assert HANG_FRAMES == 30
    assert [activity.note(OFF_DB) for _ in range(100)] == [True] * 100
    assert [activity.note(OFF_DB - 0.1) for _ in range(HANG_FRAMES)] == [True] * (HANG_FRAMES - 1) + [False]
    assert not activity.note(OFF_DB)


def test_a_gap_between_words_begins_again_with_each_word() -> None:
    activity = Activity()
    activity.note(0.0)
    activity.note(0.0)
    for _ in range(5):
        assert all(activity.note(-90.0) for _ in range(HANG_FRAMES - 1))
        assert activity.note(OFF_DB)


def test_speech_is_louder_when_it_begins_than_when_it_ends() -> None:
    assert (ON_DB, OFF_DB) == (-45, -52)
