"""The bus subscriber of a run, with the latest messages, the observations, and waiting for conditions."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from cli.probe.results.evidence import Evidence
from cli.probe.results.observations import Numbers, Observation
from common.bus import Bus
from common.messages import (
    AuthState,
    Member,
    Message,
    PartyState,
    PeerSignal,
    PeerState,
    Problem,
    PushEvent,
    PushState,
    SignalRefused,
    Speaking,
    Trying,
    WireFact,
    WorkerHealth,
)
from common.wire import Received

T = TypeVar("T")
M = TypeVar("M", bound=Message)

LISTENED = (
    AuthState, PushState, PartyState, PeerState, PeerSignal, SignalRefused, PushEvent, Problem, Speaking, Trying,
    WireFact, WorkerHealth,
)  # fmt: skip
MOST_EVENTS = 1500
"""Push events that are kept for the folder."""
MOST_OBSERVED = 2000


class Watch:
    """Collects bus messages. Run `listen` in its own task."""

    def __init__(self, bus: Bus) -> None:
        self.evidence = Evidence()
        self.observed: list[Observation] = []
        self.events: deque[tuple[float, PushEvent]] = deque(maxlen=MOST_EVENTS)
        """(Unix seconds, event), the oldest first."""
        self._bus = bus
        self._latest: dict[tuple[type[Message], str], Message] = {}
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for received in self._bus.subscribe(*LISTENED):
            self._take(received)
            self._news.set()

    def _take(self, received: Received) -> None:
        place = (received.cls, received.key)
        if received.message is None:
            self._latest.pop(place, None)
            return
        if received.cls.RETAINED:
            self._latest[place] = received.message
        if isinstance(received.message, PushEvent):
            self.events.append((received.header.at, received.message))
        self.saw(self.evidence.note(received.message, received.header.at))

    def saw(self, observed: list[Observation]) -> None:
        """Record observations. The latest `Numbers` of a sender replaces the earlier ones."""
        for one in observed:
            if isinstance(one, Numbers):
                self.observed = [old for old in self.observed if not (isinstance(old, Numbers) and old.who == one.who)]
            if one not in self.observed and len(self.observed) < MOST_OBSERVED:
                self.observed.append(one)

    # --- how things stand ------------------------------------------------------------------------------

    def now(self, cls: type[M], key: str = "") -> M | None:
        found = self._latest.get((cls, key))
        return found if isinstance(found, cls) else None

    def all(self, cls: type[M]) -> dict[str, M]:
        """Return the latest messages of a class by key."""
        return {key: one for (_, key), one in self._latest.items() if isinstance(one, cls)}

    @property
    def party(self) -> PartyState:
        return self.now(PartyState) or PartyState(phase="none")

    @property
    def others(self) -> dict[str, Member]:
        """Return the other members of the party, by peer key."""
        if self.party.phase != "joined":
            return {}
        return {one.peer: one for one in self.party.members if not one.is_me and one.peer != self.party.me}

    @property
    def mine(self) -> Member | None:
        return next((one for one in self.party.members if one.is_me or one.peer == self.party.me), None)

    async def until(self, condition: Callable[[], T], within_s: float) -> T | None:
        """Return the first truthy value of `condition`, checked at each message, or None at the time limit."""
        deadline = time.monotonic() + within_s
        while not (found := condition()):
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._news.clear()
            try:
                async with asyncio.timeout(min(left, 0.5)):
                    await self._news.wait()
            except TimeoutError:
                continue
        return found
