from __future__ import annotations

from tests.workers.audio.rig import frames, talk
from workers.audio.memory import Choices
from workers.audio.mix.levels.talker_levels import TalkerLevels
from workers.audio.mix.mixer import Voice

BO, STRANGER = "1002.PS5", "bridge.BRIDGE"


def heard(levels: TalkerLevels, peer: str, voice: Voice) -> None:
    """Let the talker speak for twelve seconds."""
    sound = frames(talk(12.0, 0.3))
    for at in range(0, len(sound), 10):
        voice.spoken.extend(sound[at : at + 10])
        levels.poll({peer: voice}, is_on=True)


def test_the_gain_of_an_account_is_applied_and_kept_until_it_is_saved() -> None:
    choices, voice = Choices(), Voice()
    levels = TalkerLevels(-23.0, choices)
    assert levels.gain_db(BO) == 0.0
    heard(levels, BO, voice)
    assert voice.level_db > 2
    assert round(levels.gain_db(BO), 1) == round(choices.of(BO).level_db, 1) > 2
    assert levels.is_unsaved
    levels.record_saved()
    assert not levels.is_unsaved


def test_who_is_no_account_is_levelled_but_not_kept() -> None:
    levels, voice = TalkerLevels(-23.0, Choices()), Voice()
    heard(levels, STRANGER, voice)
    assert voice.level_db > 2
    assert not levels.is_unsaved


def test_while_it_is_off_what_was_said_is_dropped() -> None:
    levels, voice = TalkerLevels(-23.0, Choices()), Voice()
    voice.spoken.extend(frames(talk(0.5, 0.3)))
    levels.poll({BO: voice}, is_on=False)
    assert not voice.spoken
    assert voice.level_db == 0.0
