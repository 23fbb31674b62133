"""The verdict on the test tone."""

from __future__ import annotations

import pytest

from common.basic import tone
from common.messages import ObsRemark, ObsSource
from common.obs.judge.remarks import HEARD_DB
from common.obs.judge.tone_test import CLOSE_DB, TONE_DB, judge

MIX = ObsSource(name="partyline voices", carries="mix")
BO = ObsSource(name="partyline Bo", carries="each", account_id="2", member="Bo")
OVERLAY = ObsSource(name="partyline overlay", carries="overlay")
QUIET = ObsRemark(code="nobody-spoke", message="is silent, since nobody speaks now")


def test_a_tone_in_every_source_is_heard_and_what_was_said_of_silence_is_over():
    quiet = ObsSource(name=MIX.name, carries="mix", remarks=(QUIET,))
    found = judge([quiet, OVERLAY], [], {}, {MIX.name: -20.1})
    assert found.heard
    assert "partyline voices (-20 dBFS)" in found.message
    assert found.sources[0].peak_db == -20.1
    assert found.sources[0].remarks == ()
    assert len(found.sources) == 1


def test_a_source_without_it_is_named_with_the_reason():
    muted = ObsSource(
        name=BO.name, carries="each", remarks=(ObsRemark(code="muted", message="is muted in OBS", remedy="U."),)
    )
    found = judge([MIX, muted], [], {}, {MIX.name: -20.0})
    assert not found.heard
    assert found.message == "OBS did not hear the test tone: partyline Bo is muted in OBS."
    assert found.remedy == "U."


def test_that_nobody_speaks_is_no_reason_for_a_missing_tone():
    found = judge([ObsSource(name=MIX.name, carries="mix", remarks=(QUIET,))], [], {}, {})
    assert found.sources[0].remarks[0].code == "unexplained"


def test_a_member_who_is_away_is_not_tested_and_without_any_source_nothing_is_heard():
    away = ObsSource(name=BO.name, carries="each", present=False)
    assert not judge([away, OVERLAY], [], {}, {}).heard
    assert judge([away, MIX], [], {}, {MIX.name: -30.0}).heard


def test_another_source_with_the_tone_is_told_unless_it_sounded_before():
    during = {MIX.name: -20.0, "Desktop Audio": -22.0, "Game": -20.0, "Mic": -48.0}
    found = judge([MIX], ["Desktop Audio", "Game", "Mic"], {"Game": -19.0}, during)
    assert found.also_heard_in == ("Desktop Audio",)


def test_the_first_silent_source_and_its_first_reason_are_told():
    reasons = (ObsRemark(code="muted", message="is muted"), ObsRemark(code="fader", message="is turned down"))
    first = ObsSource(name="A", carries="each", remarks=reasons)
    second = ObsSource(name="B", carries="each", remarks=(ObsRemark(code="hidden", message="is hidden"),))
    assert judge([first, second], [], {}, {}).message == "OBS did not hear the test tone: A is muted."


def test_levels_are_told_to_a_tenth_and_the_least_that_is_heard_is_heard():
    assert judge([MIX], [], {}, {MIX.name: -20.16}).sources[0].peak_db == -20.2
    heard = judge([ObsSource(name=MIX.name, carries="mix", remarks=(QUIET,))], [], {}, {MIX.name: HEARD_DB})
    assert heard.heard
    assert heard.sources[0].remarks == ()


@pytest.mark.parametrize(
    ("level_db", "before_db", "counts"),
    [
        (TONE_DB - CLOSE_DB, -120.0, True),
        (TONE_DB + CLOSE_DB, -120.0, True),
        (TONE_DB - CLOSE_DB - 0.1, -120.0, False),
        (TONE_DB + CLOSE_DB + 0.1, -120.0, False),
        (TONE_DB, HEARD_DB, False),
    ],
)
def test_another_source_counts_if_it_begins_to_sound_about_as_loud_as_the_tone(level_db, before_db, counts):
    found = judge([MIX], ["Desktop"], {"Desktop": before_db}, {MIX.name: -20.0, "Desktop": level_db})
    assert bool(found.also_heard_in) is counts


def test_the_tone_that_audio_plays_is_the_one_that_is_looked_for():
    assert tone.LEVEL_DB == TONE_DB
