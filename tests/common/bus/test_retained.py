"""The one view of the bus's state that cli and dashboard share."""

from __future__ import annotations

import pytest

from common.bus.retained import Retained, is_fresh, standing
from common.messages import (
    BRIDGE,
    STALE_S,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    Speaking,
    WorkerHealth,
)
from common.messages.wire import Header, Received

HEADER = Header(sender="x", boot="b", seq=1, at=0.0)
ME = Member(account_id="1", platform="MOBILE_APP", online_id="Ava", is_me=True)
BO = Member(account_id="2", platform="PS5", online_id="Bo")


def received(message: Message, *, cleared: bool = False) -> Received:
    return Received(topic=message.topic(), header=HEADER, message=None if cleared else message)


def view(*messages: Message) -> Retained:
    return Retained(map(received, messages))


def health(**more: object) -> WorkerHealth:
    return WorkerHealth(**{"worker": "audio", "pid": 1, "boot": "b", "state": "running", "started_at": 0.0, **more})


def peer(who: Member) -> PeerState:
    return PeerState(account_id=who.account_id, platform=who.platform, online_id=who.online_id, connection="connected")


def mixer(*talkers: MixerTalker, solo: bool = False) -> MixerState:
    return MixerState(sink="null", wanted_sink="null", where="nowhere", talkers=talkers, solo=solo)


@pytest.mark.parametrize(
    ("state", "age_s", "stands"),
    [
        ("running", STALE_S, "running"),
        ("running", STALE_S + 0.1, "silent"),
        ("stopping", STALE_S, "stopping"),
        ("stopping", STALE_S + 0.1, "stopped"),
    ],
)
def test_a_worker_stands_as_its_last_heartbeat_and_its_age_say(state: str, age_s: float, stands: str) -> None:
    beat = health(state=state, beat_s=100.0)
    assert standing(beat, 100.0 + age_s) == stands
    assert is_fresh(beat, 100.0 + age_s) == (age_s <= STALE_S)


def test_who_was_never_heard_of_is_absent() -> None:
    assert standing(None, 1.0) == "absent"
    assert not is_fresh(None, 1.0)


def test_the_newest_of_each_topic_is_kept_until_it_is_cleared() -> None:
    kept = view(health(beat_s=1.0), health(beat_s=2.0), health(worker="media", beat_s=3.0))
    assert {key: beat.beat_s for key, beat in kept.all(WorkerHealth).items()} == {"audio": 2.0, "media": 3.0}
    assert kept.of(WorkerHealth, "media") == health(worker="media", beat_s=3.0)
    kept.record(received(health(beat_s=2.0), cleared=True))
    assert list(kept.topics()) == ["worker.health/media"]
    assert kept.one(PartyState) is None


def test_what_the_broker_holds_no_more_is_dropped() -> None:
    problem = Problem(worker="audio", code="x", message="m", remedy="r", at=0.0)
    kept = view(problem, health(beat_s=1.0))
    assert kept.replace([received(health(beat_s=1.0))]) == [problem.topic()]
    assert kept.all(Problem) == {}


def test_the_others_are_the_members_and_then_whoever_is_connected_without_being_one() -> None:
    kept = view(peer(BRIDGE), peer(BO), PartyState(phase="joined", members=(ME, BO)))
    assert list(kept.others().items()) == [(BO.peer, BO), (BRIDGE.peer, BRIDGE)]
    assert [member.peer for member in kept.members()] == [ME.peer, BO.peer]
    assert kept.joined


def test_a_talker_is_heard_unless_muted_or_silenced_by_a_solo() -> None:
    assert view().is_heard(BO.peer)
    assert view(mixer()).is_heard(BO.peer)
    assert view(mixer(MixerTalker(peer=BO.peer, solo=True), solo=True)).is_heard(BO.peer)
    assert not view(mixer(MixerTalker(peer=BO.peer, muted=True))).is_heard(BO.peer)
    assert not view(mixer(MixerTalker(peer=BO.peer, hushed=True), solo=True)).is_heard(BO.peer)
    assert not view(mixer(solo=True)).is_heard(BO.peer), "audio does not name him yet; he would come in silenced"


def test_who_speaks_is_known_by_key() -> None:
    kept = view(Speaking(account_id="2", platform="PS5", speaking=True, at=0.0))
    assert kept.is_speaking(BO.peer)
    assert not kept.is_speaking(ME.peer)
