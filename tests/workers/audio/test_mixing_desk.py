from __future__ import annotations

import pytest

from common.config.tables import AudioSettings
from common.messages import Member, TalkerProcessing
from common.requests import SetMaster
from tests.workers.audio.rig import frames, speak, talk
from workers.audio.memory import Choices
from workers.audio.mix.mixer import gain_factor
from workers.audio.mixing_desk import MixingDesk

BO = "1002.PS5"


def gain(desk: MixingDesk, peer: str) -> float:
    return desk.chain.mixer.voices[peer].gain.wanted


def test_what_was_chosen_wins_over_the_settings_and_newcomers_have_their_own_gain() -> None:
    desk = MixingDesk(AudioSettings(gain_db=-1.0, newcomer_gain_db=-6.0, delay_ms=100.0), Choices())
    in_force = desk.settings
    assert (in_force.gain_db, in_force.newcomer_gain_db, in_force.delay_ms, in_force.levelling) == (
        -1.0,
        -6.0,
        100.0,
        False,
    )
    speak(desk, {"1.PS5": [bytes(960)] * 10, BO: [bytes(960)] * 10})
    assert gain(desk, BO) == pytest.approx(gain_factor(-6))
    desk.choices.set_gain(BO, 0.0)
    desk.set_master(SetMaster(gain_db=-3.0, newcomer_gain_db=-12.0))
    assert (gain(desk, BO), gain(desk, "1.PS5")) == (1.0, pytest.approx(gain_factor(-12)))
    assert desk.chain.mixer.master.wanted == pytest.approx(gain_factor(-3))


def test_a_route_may_name_an_account_or_an_online_id_once_it_is_known() -> None:
    desk = MixingDesk(AudioSettings(routes={"1001": 3, "Bo-Streams": (4, 16)}), Choices())
    assert desk.settings.channels == (3, 4, 16)
    speak(desk, {"1001.PS5": [bytes(960)] * 5, BO: [bytes(960)] * 5})
    voices = desk.chain.mixer.voices
    assert (voices["1001.PS5"].rows, voices[BO].rows) == ((1,), ())
    desk.on_members((Member(account_id="1002", platform="PS5", online_id="bo-streams"),))
    assert voices[BO].rows == (2, 3)
    assert desk.settings.channels_of("1002.PS4") == (4, 16)


def test_a_chosen_pan_is_heard_from_the_first_frame_and_costs_no_processing_before_the_mix() -> None:
    desk = MixingDesk(AudioSettings(), Choices())
    desk.choices.set_processing(BO, TalkerProcessing(pan=1.0))
    assert desk.processing_of(BO) == TalkerProcessing()
    speak(desk, {BO: frames(talk(1.0, 0.3))})
    assert desk.chain.stereo.is_wide
    left, right = (1 + side.wanted for side in desk.chain.mixer.voices[BO].sides)
    assert (left, right) == pytest.approx((0, 2**0.5))
    desk.choices.set_processing(BO, TalkerProcessing())
    desk.refresh()
    assert [side.wanted for side in desk.chain.mixer.voices[BO].sides] == [0, 0]


def test_levelling_is_heard_remembered_and_taken_up_again_where_it_was() -> None:
    sound = frames(talk(12.0, 0.3))
    desk = MixingDesk(AudioSettings(levelling=True), Choices())
    speak(desk, {BO: sound})
    come_to = desk.chain.mixer.voices[BO].level_db
    assert come_to > 2
    assert desk.levels.is_unsaved
    assert desk.chain.mixer.voices[BO].level.wanted == pytest.approx(gain_factor(come_to), rel=0.02)
    assert gain(desk, BO) == 1.0
    again = MixingDesk(AudioSettings(levelling=True), Choices(desk.choices.kept))
    speak(again, {BO: sound[:5]})
    assert again.chain.mixer.voices[BO].level_db == pytest.approx(come_to, abs=0.2)
    again.set_master(SetMaster(levelling=False))
    assert again.chain.mixer.voices[BO].level.wanted == 1.0
