from __future__ import annotations

import pytest

from common.config.tables import AudioSettings
from common.messages import Member
from workers.audio.memory import Choice, Choices
from workers.audio.mix_settings import MixSettings

CONFIGURED = AudioSettings(gain_db=-1.0, newcomer_gain_db=-6.0, delay_ms=100.0, levelling=True, device="Speakers")


def test_what_was_not_chosen_is_as_configured() -> None:
    settings = MixSettings(CONFIGURED, Choices())
    assert (settings.gain_db, settings.newcomer_gain_db, settings.delay_ms) == (-1.0, -6.0, 100.0)
    assert (settings.levelling, settings.device) == (True, "Speakers")


def test_what_was_chosen_wins_also_when_it_is_zero_off_or_empty() -> None:
    choices = Choices()
    choices.set_master(gain_db=0.0, newcomer_gain_db=0.0, delay_ms=0.0, levelling=False)
    choices.set_device("")
    settings = MixSettings(CONFIGURED, choices)
    assert (settings.gain_db, settings.newcomer_gain_db, settings.delay_ms) == (0.0, 0.0, 0.0)
    assert (settings.levelling, settings.device) == (False, "")


@pytest.mark.parametrize(("chosen", "gain_db"), [(None, -6.0), (0.0, 0.0), (3.0, 3.0)])
def test_only_who_was_given_no_gain_is_a_newcomer(chosen: float | None, gain_db: float) -> None:
    assert MixSettings(CONFIGURED, Choices()).gain_of(Choice(gain_db=chosen)) == gain_db


def test_a_route_is_found_by_the_account_before_the_online_id() -> None:
    settings = MixSettings(AudioSettings(routes={"1002": 3, "Bo": (4, 5)}), Choices())
    assert settings.channels == (3, 4, 5)
    settings.record_names((Member(account_id="1002", platform="PS5", online_id="BO"),))
    settings.record_names((Member(account_id="1003", platform="PS5", online_id="bO"),))
    assert [settings.channels_of(peer) for peer in ("1002.PS5", "1003.PS4", "1004.PS5")] == [(3,), (4, 5), ()]
