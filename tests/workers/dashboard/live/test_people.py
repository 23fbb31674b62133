"""What the pages show of people, and of them only what anybody may know."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from common.messages import BRIDGE_PEER, Levels, Member, MixerState, MixerTalker, PartyState, PeerState, Speaking
from tests.workers.dashboard.test_state import BO, CLEO, ME, a_party, note
from workers.dashboard.avatars.images import Avatars
from workers.dashboard.live.people import OverlayPerson, avatars, levels, step
from workers.dashboard.live.people import people as people_of
from workers.dashboard.state import PageState

AVATARS = Avatars(lambda: "key")


def people(state: PageState) -> list[OverlayPerson]:
    return people_of(state, AVATARS.of)


def speaking(who: Member | PeerState, *, says: bool = True) -> Speaking:
    return Speaking(account_id=who.account_id, platform=who.platform, speaking=says, at=0.0)


def test_the_overlay_shows_members_in_their_order_and_who_speaks() -> None:
    shown = people(note(a_party(), speaking(BO)))
    assert [(person.name, person.speaking, person.me) for person in shown] == [
        ("Ava-Desk", False, True),
        ("Bo-Streams", True, False),
        ("Cleo_99", False, False),
    ]
    assert len({person.id for person in shown}) == 3


def test_a_member_looks_the_same_in_dashboard_and_overlay_also_on_another_device() -> None:
    state = a_party()
    shown = avatars(state, AVATARS.of)
    assert [person.avatar for person in people(state)] == [shown[who.peer] for who in (ME, BO, CLEO)]
    elsewhere = Member(account_id=BO.account_id, platform="PS4", online_id=BO.online_id)
    assert AVATARS.of(elsewhere) == shown[BO.peer]


def test_people_stand_in_the_order_in_which_they_joined_as_far_as_it_is_known() -> None:
    late, early = structs.replace(BO, join_order=3), structs.replace(CLEO, join_order=2)
    state = note(a_party(), PartyState(phase="joined", members=(ME, late, early)))
    assert [person.name for person in people(state)] == ["Cleo_99", "Bo-Streams", "Ava-Desk"]


def test_an_account_is_the_same_on_each_device_and_another_for_each_person() -> None:
    elsewhere = structs.replace(BO, platform="MOBILE_APP")
    shown = people(note(a_party(), PartyState(phase="joined", members=(ME, BO, CLEO, elsewhere))))
    accounts = [person.account for person in shown]
    assert accounts[1] == accounts[3]
    assert len(set(accounts)) == 3
    assert len({person.id for person in shown}) == 4


@pytest.mark.parametrize(
    ("peak_db", "level"), [(-120.0, 0), (-45.0, 0), (-44.9, 1), (-40.0, 1), (-30.0, 3), (-10.0, 7), (-9.9, 8), (0.0, 8)]
)
def test_a_peak_becomes_a_level(peak_db: float, level: int) -> None:
    assert step(peak_db) == level


def test_only_who_speaks_and_is_heard_has_a_level() -> None:
    loud = Levels(talkers={BO.peer: -20.0, CLEO.peer: -20.0, "gone.PS5": -20.0}, mix=-20.0)
    state = note(a_party(), speaking(BO), loud)
    assert levels(state) == {people(state)[1].id: 5}
    assert levels(note(state, speaking(BO, says=False))) == {}
    muted = MixerState(
        sink="null", wanted_sink="null", where="nowhere", talkers=(MixerTalker(peer=BO.peer, muted=True),)
    )
    assert levels(note(state, speaking(BO), muted)) == {}
    assert levels(note(a_party(), speaking(BO))) == {}  # audio has said nothing yet


def test_the_overlay_is_told_no_account_and_no_session() -> None:
    told = msgspec.json.encode(people(a_party())).decode()
    assert "secret-session" not in told
    assert BO.account_id not in told


@pytest.mark.parametrize("phase", ["none", "joining", "leaving"])
def test_outside_a_party_nobody_is_shown(phase: str) -> None:
    assert people(note(a_party(), PartyState(phase=phase, members=(ME, BO)))) == []


def test_whoever_is_not_heard_in_the_mix_does_not_light_up() -> None:
    muted = MixerState(
        sink="null", wanted_sink="null", where="nowhere", talkers=(MixerTalker(peer=BO.peer, muted=True),)
    )
    shown = people(note(a_party(), speaking(BO), muted))[1]
    assert (shown.speaking, shown.muted) == (False, True)


def test_who_is_silenced_by_a_solo_does_not_light_up_and_neither_does_who_came_in_since() -> None:
    talkers = (MixerTalker(peer=BO.peer, hushed=True),)
    state = note(a_party(), MixerState(sink="null", wanted_sink="null", where="nowhere", solo=True, talkers=talkers))
    note(state, speaking(BO), speaking(CLEO))
    assert [(person.speaking, person.muted) for person in people(state)[1:]] == [(False, True), (False, True)]


def test_the_bridge_is_shown_as_one_voice() -> None:
    bridge = PeerState(account_id="bridge", platform="BRIDGE", connection="connected")
    assert bridge.key() == BRIDGE_PEER
    shown = people(note(a_party(), bridge, speaking(bridge)))
    assert (shown[-1].name, shown[-1].speaking) == ("Party", True)


def test_the_own_member_speaks_and_is_muted_as_their_microphone_is() -> None:
    """Viewers hear it whatever the mix has."""
    mixer = MixerState(
        sink="null", wanted_sink="null", where="nowhere", own_account=BO.account_id,
        talkers=(MixerTalker(peer=BO.peer, muted=True), MixerTalker(peer=CLEO.peer, muted=True)),
    )  # fmt: skip
    shown = {person.name: person for person in people(note(a_party(), mixer, speaking(BO), speaking(CLEO)))}
    assert (shown["Bo-Streams"].own, shown["Bo-Streams"].speaking, shown["Bo-Streams"].muted) == (True, True, False)
    assert (shown["Cleo_99"].own, shown["Cleo_99"].speaking, shown["Cleo_99"].muted) == (False, False, True)
