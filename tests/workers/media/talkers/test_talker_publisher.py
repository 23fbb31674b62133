"""A talker's state is published when it changed, and what cannot be used is reported."""

from __future__ import annotations

import pytest

from common.messages import Member, PeerState, Speaking
from tests.workers.media.peers.services import FakeServices
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.peers.connections import Connections
from workers.media.talkers.talker_publisher import TalkerPublisher
from workers.media.talkers.talker_voice import TalkerVoice

ANN = Member(account_id="1", platform="PS5", online_id="ann")


class Rig:
    def __init__(self) -> None:
        self.services = FakeServices()
        self.negotiation = Negotiation(Timeouts(), wins_glare=True, offer_at=0.0)
        self.voice = TalkerVoice(ANN.peer, self.services)
        connections = Connections(ANN, self.negotiation, self.services, self.voice, lambda: None)
        self.publisher = TalkerPublisher(self.negotiation, connections, self.voice, self.services)

    @property
    def states(self) -> list[PeerState]:
        return [message for message in self.services.published if isinstance(message, PeerState)]

    @property
    def speaking(self) -> list[bool]:
        return [message.speaking for message in self.services.published if isinstance(message, Speaking)]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_state_is_published_when_it_changed_or_always(rig: Rig) -> None:
    for always in (False, False, True):
        rig.publisher.publish_state(always=always)
    assert len(rig.states) == 2
    rig.publisher.set_way("bridge")
    rig.publisher.publish_state()
    rig.negotiation.on_offer(1, "theirs", 0.0)
    rig.publisher.publish_state()
    assert [(state.way, state.connection) for state in rig.states[2:]] == [
        ("bridge", "waiting"),
        ("bridge", "connecting"),
    ]


def test_speaking_is_published_at_the_start_and_at_each_change(rig: Rig) -> None:
    for speaking in (False, True, True, False):
        rig.publisher.publish_speaking(speaking=speaking)
    assert rig.speaking == [False, True, False]


def test_unusable_packets_are_reported_once_for_each_new_one(rig: Rig) -> None:
    rig.publisher.publish_state()
    rig.voice.on_fault("RTP: too short")
    rig.publisher.publish_state()
    rig.publisher.publish_state()
    assert rig.services.bad_rtp == ["ann"]


def test_who_is_gone_is_cleared(rig: Rig) -> None:
    rig.publisher.clear()
    assert rig.services.cleared == [(PeerState, "1.PS5"), (Speaking, "1.PS5")]
