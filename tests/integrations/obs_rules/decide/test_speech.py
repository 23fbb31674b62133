"""Since when each speaks, since when nobody does, and levels that fall slowly."""

from __future__ import annotations

import pytest

from integrations.obs_rules.decide.speech import SpeechTimes
from tests.integrations.obs_rules.decide.made import party, voice


def test_each_has_the_moment_at_which_he_began() -> None:
    speech = SpeechTimes()
    speech.hear(1.0, party("Bo"))
    speech.hear(2.0, party("Bo", "Cy"))
    assert [(one.voice.name, one.since) for one in speech.speaking] == [("Bo", 1.0), ("Cy", 2.0)]
    speech.hear(3.0, party("Cy"))
    speech.hear(4.0, party("Bo", "Cy"))
    assert [(one.voice.name, one.since) for one in speech.speaking] == [("Bo", 4.0), ("Cy", 2.0)]


def test_silence_begins_when_the_last_one_ends_and_needs_a_party() -> None:
    speech = SpeechTimes()
    speech.hear(1.0, [])
    assert speech.quiet_since is None
    speech.hear(2.0, party())
    speech.hear(3.0, party())
    assert speech.quiet_since == 2.0
    speech.hear(4.0, party("Bo"))
    assert speech.quiet_since is None
    speech.hear(5.0, party())
    assert speech.quiet_since == 5.0
    speech.hear(6.0, [])
    assert speech.quiet_since is None


def test_a_level_rises_at_once_and_falls_slowly() -> None:
    speech = SpeechTimes()

    def level(now: float, db: float | None) -> float:
        speech.hear(now, [voice("Bo", speaking=True, level_db=db)])
        return speech.speaking[0].level_db

    assert level(0.0, None) == -120.0
    assert level(1.0, -20.0) == -20.0
    assert level(1.85, -60.0) == pytest.approx(-30.0)
    assert level(2.7, None) == pytest.approx(-40.0)
    assert level(2.7, -10.0) == -10.0
    assert level(100.0, None) == -120.0
