"""What the pages are told: the newest of everything, and of people only what anybody may know."""

from __future__ import annotations

import json

import msgspec
import pytest

from common.messages import (
    BRIDGE_PEER,
    Levels,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    Speaking,
)
from common.wire import Header, Received
from tests.workers.dashboard.stage import Stage, member
from workers.dashboard.avatars.images import Avatars
from workers.dashboard.live.send_queue import SendQueue
from workers.dashboard.people import OverlayPerson, avatars
from workers.dashboard.people import people as people_of
from workers.dashboard.state import PageState

ME, BO, CLEO = member(0), member(1), member(2)
HEADER = Header(sender="x", boot="b", seq=1, at=0.0)


def note(state: PageState, *messages: Message) -> PageState:
    for message in messages:
        state.note(Received(topic=message.topic(), header=HEADER, message=message))
    return state


AVATARS = Avatars(lambda: "key")


def people(state: PageState) -> list[OverlayPerson]:
    return people_of(state, AVATARS.of)


def a_party() -> PageState:
    joined = PartyState(phase="joined", session_id="secret-session", me=ME.peer, members=(ME, BO, CLEO))
    return note(PageState(), joined, Stage.peer(BO), Stage.peer(CLEO))


def speaking(who: object) -> Speaking:
    return Speaking(account_id=who.account_id, platform=who.platform, speaking=True, at=0.0)  # type: ignore[attr-defined]


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
    assert (state.heard_gain(BO.peer), state.heard_gain(CLEO.peer)) == (0.0, 0.0)


def test_the_bridge_is_shown_as_one_voice() -> None:
    bridge = PeerState(account_id="bridge", platform="BRIDGE", connection="connected")
    assert bridge.key() == BRIDGE_PEER
    shown = people(note(a_party(), bridge, speaking(bridge)))
    assert (shown[-1].name, shown[-1].speaking) == ("Party", True)


def test_a_lone_talker_is_played_as_loud_as_the_mix_has_him() -> None:
    quiet = MixerTalker(peer=BO.peer, gain_db=-20.0)
    state = note(a_party(), MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=(quiet,)))
    assert state.heard_gain(BO.peer) == pytest.approx(0.1)
    assert state.heard_gain(CLEO.peer) == 1.0


@pytest.mark.parametrize("text", ["bo-streams", "Bo-Streams", BO.account_id, BO.peer])
def test_a_talker_is_found_by_name_account_or_key(text: str) -> None:
    assert a_party().peers_called(text) == [BO.peer]
    assert a_party().peers_called("Ava-Desk") == []
    assert a_party().peers_called("nobody") == []


def test_what_was_cleared_while_the_broker_was_away_is_forgotten_and_levels_are_not() -> None:
    problem = Problem(worker="audio", code="x", message="m", remedy="r", at=0.0)
    state = note(a_party(), problem, Levels(talkers={}, mix=-120.0))
    held = [Received(topic=topic, header=HEADER, message=m) for topic, m in state.topics().items() if m is not problem]
    assert state.replace(held) == [problem.topic()]
    assert state.one(Levels) is not None


def frame(outbox: SendQueue) -> dict[str, object]:
    return json.loads(outbox.take(1.0, 5.0) or b"{}")


def test_a_page_that_is_slow_gets_the_newest_of_each_topic_once() -> None:
    outbox = SendQueue()
    outbox.snapshot({}, {"npsso_url": "u"}, bus=True)
    for number in range(10_000):
        outbox.change("audio.levels/", Levels(talkers={}, mix=float(-number)))
    outbox.change("problem/x", None)
    assert frame(outbox) == {
        "now": 1.0,
        "clock": 5.0,
        "about": {"npsso_url": "u"},
        "bus": True,
        "topics": {"audio.levels/": {"talkers": {}, "mix": -9999.0}, "problem/x": None},
    }
    assert outbox.take(2.0, 6.0) is None


def test_answers_come_in_order_and_are_bounded() -> None:
    outbox = SendQueue()
    for number in range(32):
        outbox.answer({"id": number})
    assert outbox.full
    assert [answer["id"] for answer in frame(outbox)["answers"]] == list(range(32))
    assert not outbox.full
