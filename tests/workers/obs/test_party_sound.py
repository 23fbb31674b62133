"""What the bus tells of the party, as OBS depends on it."""

from __future__ import annotations

import pytest

from common.messages import (
    BRIDGE_PEER,
    Devices,
    Ducking,
    ListeningPages,
    Member,
    Message,
    MixerState,
    MixerTalker,
    OutputDevice,
    PeerKey,
    PeerState,
    PlayoutDelay,
    Speaking,
)
from common.obs.judge.party_view import TalkerSound
from common.obs.wanted import Present
from tests.support.made import BO, CLEO, ME, health, party, peer_state
from workers.obs.party_sound import PartySound

NOW = 1_800_000_000.0


def sound(*messages: Message) -> PartySound:
    made = PartySound()
    for message in messages:
        made._kept.setdefault(type(message), {})[message.key()] = message
    return made


def spoke(who: Member, at: float, *, speaking: bool = False) -> Speaking:
    return Speaking(account_id=who.account_id, platform=who.platform, speaking=speaking, at=at)


def mixer(**muted: bool) -> MixerState:
    talkers = tuple(MixerTalker(peer=peer, muted=one) for peer, one in muted.items())
    return MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=talkers)


def test_the_others_are_members_and_the_bridge_is_not():
    bridge = PeerKey.of(BRIDGE_PEER)
    made = sound(party(), PeerState(account_id=bridge.account_id, platform=bridge.platform, connection="connected"))
    assert made.view(NOW).members == (Present("2", "Bo-Streams"), Present("3", "Cleo_99"))


def test_one_with_two_devices_is_one_person_who_is_heard_by_either():
    mobile = Member(account_id="2", platform="MOBILE_APP", online_id="Bo-Streams")
    made = sound(party(ME, BO, mobile), spoke(BO, NOW - 50), spoke(mobile, NOW - 2))
    assert made.view(NOW).members == (Present("2", "Bo-Streams"),)
    assert made.view(NOW).heard("2") == TalkerSound(quiet_s=2.0)


def test_nobody_is_known_before_session_has_told_and_while_a_party_is_joined():
    assert not PartySound().view(NOW).is_known
    assert not sound(party(phase="joining")).view(NOW).is_known
    assert not sound(party(members_known=False)).view(NOW).is_known
    none = sound(party(phase="none", members=(), me=""))
    assert none.view(NOW).is_known
    assert none.view(NOW).members == ()


def test_a_party_is_heard_by_whoever_spoke_last_and_is_not_muted():
    made = sound(party(), peer_state(BO), mixer(**{BO.peer: True, CLEO.peer: False}), spoke(BO, NOW, speaking=True))
    assert made.view(NOW).heard("2") == TalkerSound(muted=True, quiet_s=0.0)
    assert made.view(NOW).heard() == TalkerSound(muted=False, quiet_s=None)
    louder = sound(party(), mixer(**{BO.peer: True, CLEO.peer: False}), spoke(CLEO, NOW - 1))
    assert louder.view(NOW).heard() == TalkerSound(quiet_s=1.0)
    muted = sound(party(), mixer(**{BO.peer: True, CLEO.peer: True}))
    assert muted.view(NOW).heard().muted


@pytest.mark.parametrize(
    ("wanted", "current", "is_default"),
    [("", "Speakers", True), ("Spea", "Speakers", True), ("Black", "BlackHole", False), ("", "", False)],
)
def test_the_default_device_is_known_by_its_name_or_because_none_was_chosen(wanted, current, is_default):
    devices = (OutputDevice(name="Speakers", channels=2, is_default=True), OutputDevice(name="BlackHole", channels=2))
    view = sound(Devices(devices=devices, wanted=wanted, current=current)).view(NOW)
    assert (view.device, view.plays_on_default) == (current, is_default)


def test_which_pages_listen_is_told_by_the_dashboard():
    assert sound().view(NOW).is_loaded(None) is None
    view = sound(ListeningPages(talkers=("", "bo-streams"))).view(NOW)
    assert view.is_loaded(None) is True
    assert view.is_loaded(Present("2", "Bo-Streams")) is True
    assert view.is_loaded(Present("3", "Cleo_99")) is False


def test_obs_hears_as_late_as_the_mix_is_delayed():
    assert sound().delay_s() == 0.0
    assert sound(MixerState(sink="null", wanted_sink="null", where="x", delay_ms=250.0)).delay_s() == 0.25


def test_the_game_is_lowered_only_by_an_audio_that_lives():
    speaking = Ducking(active=True, at=NOW)
    assert sound(speaking, health("audio", beat_s=100.0)).is_ducking(103.0)
    assert not sound(speaking, health("audio", beat_s=100.0)).is_ducking(106.0)
    assert not sound(speaking, health("audio", beat_s=100.0, state="stopping")).is_ducking(101.0)
    assert not sound(speaking).is_ducking(101.0)
    assert not sound(Ducking(active=False, at=NOW), health("audio", beat_s=100.0)).is_ducking(101.0)


def test_the_delay_of_all_is_known_where_all_have_one():
    assert sound(PlayoutDelay(latency="steady", common_ms=120)).view(NOW).delay_ms == 120
    assert sound(PlayoutDelay(latency="balanced")).view(NOW).delay_ms is None
    assert sound().view(NOW).delay_ms is None
