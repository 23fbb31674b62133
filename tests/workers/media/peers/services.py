"""Services of talkers and connections, with what they were told in lists."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from common.errors import PartylineError
from common.messages import Member, Message, PeerSignal
from workers.media.bridge.bridge_gate import BridgeGate
from workers.media.guard.diagnosis import Diagnosis
from workers.media.peers.ladder import Ladder
from workers.media.receive.path import ReceivePath
from workers.media.talkers.push_outages import PushOutages


class FakeServices:
    def __init__(self) -> None:
        self.silence = b""
        self.ladder = Ladder()
        self.bridge_gate = BridgeGate()
        self.push_outages = PushOutages()
        self.published: list[Message] = []
        self.cleared: list[tuple[type[Message], str]] = []
        self.jobs: list[asyncio.Task[None]] = []
        self.faults: list[str] = []
        self.diagnoses: list[tuple[str, str]] = []
        """(peer, cause)"""
        self.floods: list[str] = []
        self.bad_rtp: list[str] = []
        self.stored = 0

    @property
    def signals(self) -> list[PeerSignal]:
        return [message for message in self.published if isinstance(message, PeerSignal)]

    async def settle(self) -> None:
        await asyncio.gather(*self.jobs)

    def new_path(self) -> ReceivePath:
        pytest.fail("no path is needed")

    def publish(self, message: Message) -> None:
        self.published.append(message)

    def clear(self, cls: type[Message], key: str) -> None:
        self.cleared.append((cls, key))

    def spawn(self, job: Coroutine[Any, Any, None]) -> None:
        self.jobs.append(asyncio.create_task(job))

    def may_have_missed(self, since: float) -> bool:
        return self.push_outages.may_have_missed(since)

    def store_forms(self) -> None:
        self.stored += 1

    def on_connection_fault(self, error: PartylineError) -> None:
        self.faults.append(error.message)

    def on_no_connection(self, member: Member, why: Diagnosis) -> None:
        self.diagnoses.append((member.peer, why.cause))

    def on_bad_rtp(self, who: str) -> None:
        self.bad_rtp.append(who)

    def on_flood(self, who: str) -> None:
        self.floods.append(who)
