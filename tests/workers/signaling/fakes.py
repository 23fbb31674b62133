"""A worker that records what it publishes, and a transport that records what it is given."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from common.messages import PartyState, PeerSignal, PushEvent
from workers.signaling.transports import Transport


class RecordingBus:
    def __init__(self) -> None:
        self.published: list[Any] = []

    def publish(self, message: Any) -> None:
        self.published.append(message)


class RecordingWorker:
    def __init__(self) -> None:
        self.bus = RecordingBus()
        self.log = structlog.get_logger("test")
        self.stopping = asyncio.Event()
        self.problems: dict[str, str] = {}
        """Open problems: code → message."""
        self.counted: list[str] = []
        """Code of each new occurrence."""
        self.facts_published: dict[str, str] = {}
        self.health = ("starting", "")

    def publish_problem(self, code: str, message: str, _: str, *, new_occurrence: bool = False, **__: Any) -> None:
        self.problems[code] = message
        if new_occurrence:
            self.counted.append(code)

    def clear_problem(self, code: str) -> None:
        self.problems.pop(code, None)

    def publish_fact(self, name: str, value: str, _: str = "") -> None:
        self.facts_published[name] = value

    def set_health(self, state: str, detail: str = "") -> None:
        self.health = (state, detail)


class RecordingTransport(Transport):
    def __init__(self, name: Any, *reached: str) -> None:
        self.name = name
        self.reached = reached
        self.sent: list[PeerSignal] = []
        self.events: list[PushEvent] = []
        self.failed: list[tuple[str, int]] = []
        self.usable: list[bool] = []
        self.parties: list[PartyState] = []

    def on_party(self, state: PartyState) -> None:
        self.parties.append(state)

    def on_event(self, event: PushEvent) -> None:
        self.events.append(event)

    def on_push_usable(self, *, usable: bool) -> None:
        self.usable.append(usable)

    def on_failed_offers(self, peer: str, failures: int) -> None:
        self.failed.append((peer, failures))

    def reaches(self, peer: str) -> bool:
        return peer in self.reached

    def send(self, signal: PeerSignal) -> None:
        self.sent.append(signal)

    async def leave(self, session_id: str) -> None:
        raise AssertionError(session_id)
