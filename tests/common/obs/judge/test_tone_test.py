"""The verdict on the test tone."""

from __future__ import annotations

from common.messages import ObsRemark, ObsSource
from common.obs.judge.tone_test import judge

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
