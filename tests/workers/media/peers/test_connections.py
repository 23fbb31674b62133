"""Connections are made and closed as the negotiation says; of what is closed nothing is said any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from common.messages import PushState
from tests.workers.media.peers.stand import FakePeer, Stand, standing
from workers.media.guard.diagnosis import ConnectionFacts, diagnose
from workers.media.guard.handshake import Handshake
from workers.media.guard.moves import CONSENT_S
from workers.media.peers.connections import STUCK_S
from workers.media.peers.played import TAKEOVER_NS


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    async with standing(monkeypatch) as found:
        yield found


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


async def connected(stand: Stand) -> FakePeer:
    stand.connections.do(stand.deal.poll(0))
    await stand.settle()
    stand.connections.do(stand.deal.on_answer(1, "theirs", 0.1))
    FakePeer.made[1].connect()
    assert stand.deal.status.connection == "connected"
    return FakePeer.made[1]


@pytest.mark.parametrize(
    ("slept_s", "consents", "stays"),
    [(5.0, True, True), (5.0, False, False), (CONSENT_S + 1, True, False), (CONSENT_S + 1, False, False)],
)
async def test_after_a_sleep_a_connection_ends_unless_the_other_side_can_still_be_there(
    stand: Stand, slept_s: float, *, consents: bool, stays: bool
) -> None:
    peer = await connected(stand)
    peer.consents = consents
    now = time.monotonic() + 60  # it was up for long
    stand.connections.wake_check.on_wake(slept_s, now)
    await stand.settle()
    assert peer.closed is not stays
    assert (stand.deal.status.connection == "connected") is stays
    stand.connections.poll(now)
    assert (len(FakePeer.made) == 2) is (not stays), "the next offer follows at once"


async def test_an_offer_that_was_out_during_a_sleep_is_made_again_and_says_nothing_of_its_form(stand: Stand) -> None:
    stand.connections.do(stand.deal.poll(0))
    await stand.settle()
    stand.services.push_outages.on_wake(1.0)
    stand.connections.wake_check.on_wake(600.0, 1.0)
    await stand.settle()
    assert [signal.sequence for signal in stand.services.signals] == [1, 2]
    assert stand.services.ladder.words("1.PS5") == ""
