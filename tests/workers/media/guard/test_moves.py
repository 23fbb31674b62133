"""A member whom a NAT gives another port is followed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.waiting import until
from tests.workers.media.guard.peers import Pair
from workers.media.guard import moves


class Nat(asyncio.DatagramProtocol):
    """Another port of the same host, by which `inside` sends from now on."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.inside.datagram_received(data, addr)


async def test_a_nat_that_gives_another_port_in_mid_word_is_followed() -> None:
    """The other side's packets come from another port: not one is lost, and consent goes there."""
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        their_ice = pair.other.transport.transport._connection
        chosen, old = their_ice._nominated[1], pair.ours_ice._nominated[1].remote_addr
        loop = asyncio.get_running_loop()
        before = pair.gate.dropped["from a stranger"]

        outside, _ = await loop.create_datagram_endpoint(
            lambda: Nat(chosen.protocol), local_addr=(chosen.local_addr[0], 0)
        )
        chosen.protocol.transport.sendto = outside.sendto  # the inside of aioice's only way out
        await until(lambda: pair.ours_ice._nominated[1].remote_addr != old, "we talk with the new address")
        assert pair.ours_ice._nominated[1].remote_addr[1] == outside.get_extra_info("sockname")[1]
        await pair.voice()
        assert pair.gate.dropped["from a stranger"] == before
        # and consent is asked for there
        await pair.ours_ice._ask(pair.ours_ice._nominated[1], nominate=False, retransmissions=3)
        del chosen.protocol.transport.sendto
        outside.close()


async def test_consent_follows_one_who_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but STUN comes from the new port: when the old one does not reply any more, it is talked with."""
    monkeypatch.setattr(moves, "CONSENT_INTERVAL", 0.3)
    monkeypatch.setattr(moves, "AGAIN_S", 0.1)
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        sender = vars(pair.other.connection.getTransceivers()[0].sender)
        sender["_RTCRtpSender__rtp_task"].cancel()
        sender["_RTCRtpSender__rtcp_task"].cancel()
        vars(pair.other.connection.getTransceivers()[0].receiver)["_RTCRtpReceiver__rtcp_task"].cancel()
        chosen, old = pair.other.transport.transport._connection._nominated[1], pair.ours_ice._nominated[1].remote_addr
        outside, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Nat(chosen.protocol), local_addr=(chosen.local_addr[0], 0)
        )
        chosen.protocol.transport.sendto = outside.sendto
        # what is still sent to the old port gets nowhere
        asyncio.get_running_loop()._remove_reader(chosen.protocol.transport.get_extra_info("socket").fileno())
        await until(lambda: pair.ours_ice._nominated[1].remote_addr != old, "we talk with the new address")
        assert pair.ours.state == "connected"
        del chosen.protocol.transport.sendto
        outside.close()


async def test_consent_is_asked_for_at_once_and_a_dead_side_is_told_from_a_live_one() -> None:
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        assert await pair.ours.has_consent()
        theirs = pair.other.transport.transport._connection._nominated[1].protocol
        asyncio.get_running_loop()._remove_reader(theirs.transport.get_extra_info("socket").fileno())
        assert not await pair.ours.has_consent()
