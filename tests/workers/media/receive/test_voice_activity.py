"""Speech begins after two loud frames and ends 300 ms after the last one."""

from __future__ import annotations

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
