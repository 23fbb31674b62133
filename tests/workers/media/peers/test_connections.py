"""Connections are made and closed as the negotiation says; of what is closed nothing is said any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.messages import Member, PushState
from common.psn.sdp import BadSdp
from tests.workers.media.peers.services import FakeServices
from workers.media.guard.diagnosis import ConnectionFacts, Diagnosis, diagnose
from workers.media.guard.handshake import Handshake
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.peers import connections as module
from workers.media.peers.connections import STUCK_S, Connections
from workers.media.peers.played import TAKEOVER_NS
from workers.media.receive.buffer.rtp import Rtp
from workers.media.talkers.talker import Talker

PACKET = Rtp(sequence=1, timestamp=0, ssrc=1, payload_type=96, payload=b"")


class FakePeer:
    """A connection that is made when it is allowed to."""

    made: dict[int, FakePeer]
    allowed: asyncio.Event

    def __init__(self, events: Any, _: bytes, former: object = None) -> None:
        self.events, self.state, self.rtp_ns, self.heard_ns, self.closed = events, "new", 0, 0, False
        FakePeer.made[len(FakePeer.made) + 1] = self

    refused = 0

    def continues(self, _: str) -> bool:
        return False

    stuck = 0.0
    why: Diagnosis | None = None

    def diagnose(self) -> Diagnosis | None:
        return self.why

    def stuck_s(self, _: float) -> float:
        return self.stuck

    async def offer(self, **form: object) -> str:
        self.form = form
        await FakePeer.allowed.wait()
        return "an offer"

    async def answer(self, sdp: str, **form: object) -> str:
        self.form = form
        await FakePeer.allowed.wait()
        if sdp == "nonsense":
            raise BadSdp("nonsense")
        return "an answer"

    async def close(self) -> None:
        self.closed = True

    def connect(self) -> None:
        self.state = "connected"
        self.events.on_state(self)

    def packet(self, arrived_ns: int) -> None:
        self.rtp_ns = self.heard_ns = arrived_ns
        self.events.on_rtp(PACKET, arrived_ns)


class Listener:
    """What is heard of the played connection."""

    def __init__(self) -> None:
        self.played: list[FakePeer] = []
        self.packets: list[int] = []

    def on_played(self, peer: Any) -> None:
        self.played.append(peer)

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self.packets.append(arrived_ns)

    def on_fault(self, what: str) -> None: ...


class Stand:
    def __init__(self) -> None:
        self.services, self.listener = FakeServices(), Listener()
        self.deal = Negotiation(Timeouts(), wins_glare=True, offer_at=0)
        member = Member(account_id="1", platform="PS5")
        self.connections = Connections(member, self.deal, self.services, self.listener, lambda: None)

    async def settle(self) -> None:
        FakePeer.allowed.set()
        await self.services.settle()


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    FakePeer.made, FakePeer.allowed = {}, asyncio.Event()
    monkeypatch.setattr(module, "Peer", FakePeer)
    found = Stand()
    yield found
    await found.connections.close()


async def test_an_offer_that_is_closed_while_it_is_made_is_never_sent(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    await asyncio.sleep(0)
    stand.connections.do(stand.deal.on_refusal("offer", 1, "a refusal of another one", 0.1, final=True))
    await stand.settle()
    assert stand.services.signals == []
    assert FakePeer.made[1].closed


async def test_after_leaving_nothing_is_said_whatever_was_being_made(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    stand.connections.do(stand.deal.on_offer(1, "theirs", 0.1))
    await asyncio.sleep(0)
    stand.connections.do(stand.deal.leave(0.2))
    await stand.settle()
    stand.connections.do(stand.deal.on_offer(2, "theirs", 0.3))
    stand.connections.poll(100)
    await stand.settle()
    assert stand.services.signals == []
    assert not stand.connections.any


async def test_a_repeated_offer_gets_the_same_answer_with_its_number(stand: Stand) -> None:
    for now in (0.1, 0.3):
        stand.connections.do(stand.deal.on_offer(4, "theirs", now))
        await stand.settle()
    assert [(signal.kind, signal.sequence, signal.sdp) for signal in stand.services.signals] == [
        ("answer", 4, "an answer")
    ] * 2


async def test_an_offer_that_cannot_be_used_ends_that_connection_alone(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    stand.connections.do(stand.deal.on_offer(1, "nonsense", 0.1))
    await stand.settle()
    assert [signal.kind for signal in stand.services.signals] == ["offer"]
    assert stand.deal.status.connections == (1,)


async def test_of_two_connections_the_one_that_speaks_is_heard(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    stand.connections.do(stand.deal.on_offer(1, "theirs", 0.1))
    await stand.settle()
    stand.connections.do(stand.deal.on_answer(1, "answer", 0.2))
    first, second = FakePeer.made[2], FakePeer.made[1]
    first.connect()
    second.connect()
    first.packet(1)
    second.packet(2)
    assert stand.listener.packets == [1], "one voice, once"
    second.packet(2 + TAKEOVER_NS)
    assert stand.listener.packets == [1, 2 + TAKEOVER_NS]
    assert stand.listener.played == [first, second]
    stand.connections.do(stand.deal.on_ended(1, "gone", 1.0))
    assert stand.listener.played == [first, second, first], "the one that is left is heard again"


async def test_a_connection_that_ends_after_the_leave_does_not_bring_the_talker_back(stand: Stand) -> None:
    talker = Talker(
        Member(account_id="1", platform="PS5"), Negotiation(Timeouts(), wins_glare=True, offer_at=0), stand.services
    )
    talker.poll(0)
    await stand.settle()
    peer = FakePeer.made[1]
    talker.leave()
    stand.services.published.clear()
    peer.state = "closed"
    peer.events.on_state(peer)
    await talker.close()
    assert stand.services.signals == []
    assert peer.closed


SILENT_DTLS = diagnose(ConnectionFacts(ours=True, seconds={"described": 0.1, "ice": 0.1, "ice up": 0.2, "ended": 7.0}))


async def test_dtls_that_never_comes_is_given_up_long_before_the_limit_and_explained(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    await stand.settle()
    stand.connections.do(stand.deal.on_answer(1, "theirs", 0.1))
    peer = FakePeer.made[1]
    peer.why = SILENT_DTLS
    peer.stuck = STUCK_S
    stand.connections.poll(6.0)
    assert stand.deal.status.connection == "connecting"
    peer.stuck = STUCK_S + 0.1
    stand.connections.poll(6.1)
    assert stand.deal.status.connection == "failed"
    assert "DTLS got no reply" in stand.deal.status.detail
    assert stand.services.diagnoses == [("1.PS5", "DTLS silent")]
    assert stand.connections.why is SILENT_DTLS
    await stand.settle()
    assert peer.closed


async def test_a_connection_that_takes_too_long_is_explained_and_one_that_comes_up_clears_it(stand: Stand) -> None:
    stand.connections.do(stand.deal.on_offer(1, "theirs", 0.0))
    await stand.settle()
    FakePeer.made[1].why = SILENT_DTLS
    stand.connections.do(stand.deal.poll(16.0))
    assert stand.services.diagnoses == [("1.PS5", "DTLS silent")]
    stand.connections.do(stand.deal.on_offer(2, "theirs again", 17.0))
    await stand.settle()
    FakePeer.made[max(FakePeer.made)].connect()
    assert stand.connections.why is None


async def test_one_that_is_replaced_at_once_is_no_failure(stand: Stand) -> None:
    stand.connections.do(stand.deal.on_offer(1, "theirs", 0.0))
    await stand.settle()
    quick = diagnose(ConnectionFacts(ours=False, seconds={"described": 0.1, "ended": 0.4}))
    FakePeer.made[1].why = quick
    stand.connections.do(stand.deal.on_offer(2, "theirs again", 0.3))
    assert stand.services.diagnoses == []


async def test_a_member_who_floods_is_named(stand: Stand) -> None:
    member = Member(account_id="1", platform="PS5", online_id="mallory")
    talker = Talker(member, Negotiation(Timeouts(), wins_glare=True, offer_at=0), stand.services)
    talker.poll(0.1)
    FakePeer.made[1].refused = 120
    talker.publisher.publish_state(always=True)
    talker.publisher.publish_state(always=True)
    assert stand.services.floods == ["mallory"]
    await talker.close()


async def test_a_member_for_whom_our_certificate_would_not_do_is_offered_the_other_role(stand: Stand) -> None:
    hello = Handshake(role="server", offered=("ECDHE-RSA-AES128-SHA",))
    stand.connections.do(stand.deal.poll(0))
    await stand.settle()
    assert FakePeer.made[1].form["active"] is False
    stand.connections.do(stand.deal.on_answer(1, "theirs", 0.1))
    peer = FakePeer.made[1]
    peer.why = diagnose(
        ConnectionFacts(ours=True, seconds={"described": 0.1, "ice up": 0.2, "ended": 0.5}, handshake=hello)
    )
    peer.state = "failed"
    peer.events.on_state(peer)
    stand.connections.do(stand.deal.poll(time.monotonic() + 3.0))
    await stand.settle()
    assert FakePeer.made[2].form["active"] is True


@pytest.mark.parametrize("away", [False, True])
async def test_an_offer_whose_answer_may_have_been_lost_says_nothing_of_its_form(stand: Stand, away: bool) -> None:
    stand.services.ladder.on_joined("1.PS5")
    now = time.monotonic()
    stand.services.push_outages.on_push_state(PushState(connected=True), now)
    stand.connections.do(stand.deal.poll(0))
    await stand.settle()
    stand.services.push_outages.on_push_state(PushState(connected=not away), now)
    stand.connections.do(stand.deal.poll(100))
    assert bool(stand.services.ladder.words("1.PS5")) is not away
