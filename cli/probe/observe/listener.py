"""The bus subscriber of a run: the retained state, the observations, and waiting for conditions."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from cli.probe.observe.evidence import Evidence
from cli.probe.observe.observations import Numbers, Observation
from common.bus import Bus
from common.bus.retained import Retained
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
from common.messages.wire import Received

T = TypeVar("T")
M = TypeVar("M", bound=Message)

SUBSCRIBED = (
    AuthState, PushState, PartyState, PeerState, PeerSignal, SignalRefused, PushEvent, Problem, Speaking, Trying,
    WireFact, WorkerHealth,
)  # fmt: skip
MOST_EVENTS = 1500
"""Push events that are kept for the folder."""
MOST_OBSERVED = 2000


class BusListener:
    """Collects bus messages. Run `listen` in its own task.

    `observed`: the observations of the run's earlier part.
    """

    def __init__(self, bus: Bus, observed: Iterable[Observation] = ()) -> None:
        self.evidence = Evidence()
        self.observed: list[Observation] = list(observed)
        self.events: deque[tuple[float, PushEvent]] = deque(maxlen=MOST_EVENTS)
        """(Unix seconds, event), the oldest first."""
        self._bus = bus
        self._retained = Retained()
        self._received = asyncio.Event()

    async def listen(self) -> None:
        async for received in self._bus.subscribe(*SUBSCRIBED):
            self.on_message(received)
            self._received.set()

    def on_message(self, received: Received) -> None:
        """Process one message of the bus."""
        if received.cls.RETAINED or received.message is None:
            self._retained.record(received)
        if isinstance(received.message, PushEvent):
            self.events.append((received.header.at, received.message))
        self.record(self.evidence.on_message(received.message, received.header.at))

    def record(self, observed: Iterable[Observation]) -> None:
        """Record observations. The latest `Numbers` of a sender replaces the earlier ones."""
        for one in observed:
            if isinstance(one, Numbers):
                self.observed = [old for old in self.observed if not (isinstance(old, Numbers) and old.who == one.who)]
            if one not in self.observed and len(self.observed) < MOST_OBSERVED:
                self.observed.append(one)

    # --- the state -------------------------------------------------------------------------------------

    def latest(self, cls: type[M], key: str = "") -> M | None:
        """Return the retained message of a class with this key."""
        return self._retained.of(cls, key)

    def all(self, cls: type[M]) -> dict[str, M]:
        """Return the retained messages of a class by key."""
        return self._retained.all(cls)

    @property
    def party(self) -> PartyState:
        return self.latest(PartyState) or PartyState(phase="none")

    @property
    def others(self) -> dict[str, Member]:
        """Return the other members of the party, by peer key."""
        return {member.peer: member for member in self.evidence.members.others()}

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
            self._received.clear()
            try:
                async with asyncio.timeout(min(left, 0.5)):
                    await self._received.wait()
            except TimeoutError:
                continue
        return found
