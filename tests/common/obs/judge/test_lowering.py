"""How the game is lowered."""

from __future__ import annotations

import pytest

from common.obs.judge.lowering import ATTACK_S, DEPTH_DB, RELEASE_S, Delayed, Ramp, filter_settings, way


@pytest.mark.parametrize(
    ("route", "kind", "on_mac", "how"),
    [
        ("mix", "ffmpeg_source", False, "sidechain"),
        ("device", "coreaudio_input_capture", True, "sidechain"),
        ("mix", "sck_audio_capture", True, "volume"),
        ("mix", "screen_capture", True, "volume"),
        ("each", "ffmpeg_source", False, "volume"),
    ],
)
def test_obs_own_compressor_is_used_where_it_works(route, kind, on_mac, how):
    assert way(route, kind, on_mac=on_mac) == how


def test_the_sidechain_lowers_by_the_same_as_the_ramp_for_a_usual_voice():
    settings = filter_settings("sidechain", "partyline voices")
    voice_db = -18.0
    lowered = (1 - 1 / settings["ratio"]) * (voice_db - settings["threshold"])
    assert lowered == pytest.approx(DEPTH_DB)
    assert -60 <= settings["threshold"] <= 0  # what OBS takes
    assert settings["release_time"] <= 1000
    assert settings["sidechain_source"] == "partyline voices"


def test_the_gain_moves_down_and_back_in_its_time():
    ramp = Ramp()
    assert not ramp.is_moving
    ramp.set_active(active=True)
    assert ramp.is_moving
    assert ramp.move(ATTACK_S / 2) == pytest.approx(-DEPTH_DB / 2)
    assert ramp.move(ATTACK_S) == -DEPTH_DB
    assert not ramp.is_moving
    ramp.set_active(active=False)
    assert ramp.move(RELEASE_S / 4) == pytest.approx(-DEPTH_DB * 3 / 4)
    assert ramp.move(RELEASE_S) == 0.0
    assert not ramp.is_moving


def test_with_a_delayed_mix_the_game_moves_as_much_later():
    delayed = Delayed()
    assert not delayed.at(0.0, 0.5, active=True)
    assert not delayed.at(0.4, 0.5, active=True)
    assert delayed.at(0.5, 0.5, active=False)  # it was heard for half a second
    assert delayed.at(0.9, 0.5, active=False)
    assert not delayed.at(1.0, 0.5, active=False)
    assert delayed.at(1.1, 0.0, active=True)


def test_changes_that_follow_each_other_within_the_delay_all_come():
    delayed = Delayed()
    said = {0.0: True, 0.1: False, 0.2: False, 0.3: True, 0.4: True}
    heard = [delayed.at(now, 0.5, active=active) for now, active in said.items()]
    heard += [delayed.at(now, 0.5, active=True) for now in (0.5, 0.6, 0.75, 0.8, 0.9)]
    assert heard == [False] * 5 + [True, False, False, True, True]


def test_the_compressor_takes_its_times_in_milliseconds():
    settings = filter_settings("sidechain", "v")
    assert (settings["attack_time"], settings["release_time"]) == (30, RELEASE_S * 1000)


def test_the_game_is_lowered_as_the_notes_say():
    ramp = Ramp()
    ramp.set_active(active=True)
    assert ramp.move(0.075) == pytest.approx(-6)
    assert ramp.move(0.075) == -12
    ramp.set_active(active=False)
    assert ramp.move(0.3) == pytest.approx(-6)
