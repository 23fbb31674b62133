"""A talker: after leaving nothing is published, and a flood has its name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from common.messages import Member
from tests.workers.media.peers.stand import FakePeer, Stand, standing
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.talkers.talker import Talker


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    async with standing(monkeypatch) as found:
        yield found


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


async def test_a_member_who_floods_is_named(stand: Stand) -> None:
    member = Member(account_id="1", platform="PS5", online_id="mallory")
    talker = Talker(member, Negotiation(Timeouts(), wins_glare=True, offer_at=0), stand.services)
    talker.poll(0.1)
    FakePeer.made[1].refused = 120
    talker.publisher.publish_state(always=True)
    talker.publisher.publish_state(always=True)
    assert stand.services.floods == ["mallory"]
    await talker.close()
