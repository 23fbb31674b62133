"""A member's connections on fake peers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from common.messages import Member
from common.psn.sdp import BadSdp
from tests.workers.media.peers.services import FakeServices
from workers.media.guard.diagnosis import Diagnosis
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.peers import connections as module
from workers.media.peers.connections import Connections
from workers.media.receive.buffer.rtp import Rtp

PACKET = Rtp(sequence=1, timestamp=0, ssrc=1, payload_type=96, payload=b"")


class FakePeer:
    """A connection that is made when it is allowed to."""

    made: dict[int, FakePeer]
    allowed: asyncio.Event

    def __init__(self, events: Any, _: bytes, former: object = None) -> None:
        self.events, self.state, self.rtp_ns, self.heard_ns, self.closed = events, "new", 0, 0, False
        FakePeer.made[len(FakePeer.made) + 1] = self

    @property
    def log(self) -> SimpleNamespace:
        return SimpleNamespace(gate=SimpleNamespace(too_much=self.refused))

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

    async def accept(self, sdp: str) -> None: ...

    async def answer(self, sdp: str, **form: object) -> str:
        self.form = form
        await FakePeer.allowed.wait()
        if sdp == "nonsense":
            raise BadSdp("nonsense")
        return "an answer"

    consents = True

    async def has_consent(self) -> bool:
        return self.consents

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


@asynccontextmanager
async def standing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    FakePeer.made, FakePeer.allowed = {}, asyncio.Event()
    monkeypatch.setattr(module, "Peer", FakePeer)
    found = Stand()
    yield found
    await found.connections.close()
