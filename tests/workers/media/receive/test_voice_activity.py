"""Speech begins after two loud frames and ends 300 ms after the last one."""

from __future__ import annotations

from common.bus.voice.conceal import QUIET_DB
from workers.media.receive.voice_activity import HANG_FRAMES, OFF_DB, ON_DB, ON_FRAMES, VoiceActivity


def test_a_click_is_no_speech() -> None:
    activity = VoiceActivity()
    assert not any(activity.update(ON_DB if number % ON_FRAMES == 0 else OFF_DB - 1) for number in range(20))


def test_speech_ends_a_while_after_the_last_loud_frame() -> None:
    activity = VoiceActivity()
    assert [activity.update(ON_DB) for _ in range(ON_FRAMES)] == [False] * (ON_FRAMES - 1) + [True]
    quiet = [activity.update(OFF_DB - 1) for _ in range(HANG_FRAMES + 5)]
    assert quiet.index(False) == HANG_FRAMES - 1


def test_a_level_between_the_two_limits_keeps_speech_but_does_not_begin_it() -> None:
    activity = VoiceActivity()
    between = (ON_DB + OFF_DB) / 2
    assert not any(activity.update(between) for _ in range(100))
    for _ in range(ON_FRAMES):
        activity.update(ON_DB)
    assert all(activity.update(between) for _ in range(100))


def test_two_loud_frames_in_a_row_begin_speech_and_a_click_does_not() -> None:
    activity = VoiceActivity()
    assert not activity.speaking
    assert [activity.update(level) for level in (ON_DB, -90.0, ON_DB, ON_DB)] == [False, False, False, True]


def test_a_level_just_below_is_not_loud() -> None:
    activity = VoiceActivity()
    assert [activity.update(ON_DB - 0.1) for _ in range(5)] == [False] * 5


def test_speech_ends_300_ms_after_the_last_frame_that_was_not_quiet() -> None:
    activity = VoiceActivity()
    activity.update(0.0)
    activity.update(0.0)
    assert HANG_FRAMES == 30
    assert [activity.update(OFF_DB) for _ in range(100)] == [True] * 100
    assert [activity.update(OFF_DB - 0.1) for _ in range(HANG_FRAMES)] == [True] * (HANG_FRAMES - 1) + [False]
    assert not activity.update(OFF_DB)


def test_a_gap_between_words_begins_again_with_each_word() -> None:
    activity = VoiceActivity()
    activity.update(0.0)
    activity.update(0.0)
    for _ in range(5):
        assert all(activity.update(-90.0) for _ in range(HANG_FRAMES - 1))
        assert activity.update(OFF_DB)


def test_speech_is_louder_when_it_begins_than_when_it_ends() -> None:
    assert (ON_DB, OFF_DB) == (-45, -52)


def test_in_a_room_that_is_not_silent_speech_is_what_stands_out() -> None:
    activity = VoiceActivity()
    room_db = QUIET_DB + 10
    assert not any(activity.update(ON_DB + 5, room_db) for _ in range(50))
    assert [activity.update(ON_DB + 10, room_db) for _ in range(2)] == [False, True]
    between = [activity.update(ON_DB + 5, room_db) for _ in range(50)]
    assert all(between)
    assert not [activity.update(OFF_DB + 9, room_db) for _ in range(50)][-1]
