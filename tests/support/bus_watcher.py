"""What a test hears on the bus: the latest retained message of each topic, and every message in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from common.bus import Bus
from common.files.paths import Paths
from common.messages import Message, Problem
from tests.support.waiting import PATIENCE_S, Words, until

T = TypeVar("T")
M = TypeVar("M", bound=Message)
W = TypeVar("W", bound="BusWatcher")


class BusWatcher:
    """Listens from `listen` on. Topics that were cleared are not in `latest` any more."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.latest: dict[str, Message] = {}
        self.senders: dict[str, str] = {}
        """Topic → who sent what is in `latest`."""
        self.heard: list[Message] = []
        self.heard_at: list[float] = []
        """Of each of `heard`, in monotonic seconds."""

    async def listen(self) -> None:
        """Hear everything until cancelled."""
        async for received in self.bus.subscribe(""):
            if received.message is None:
                self.latest.pop(received.topic, None)
                continue
            self.latest[received.topic] = received.message
            self.senders[received.topic] = received.header.sender
            self.heard.append(received.message)
            self.heard_at.append(time.monotonic())

    def now(self, cls: type[M], key: str = "") -> M | None:
        """Return the latest message of that topic, unless it was cleared."""
        found = self.latest.get(f"{cls.TOPIC}/{key}")
        return found if isinstance(found, cls) else None

    def each(self, cls: type[M]) -> list[M]:
        """Return the latest messages of a class, one a key."""
        return [message for message in self.latest.values() if isinstance(message, cls)]

    def all(self, cls: type[M]) -> list[M]:
        """Return every message of a class that was heard."""
        return [message for message in self.heard if isinstance(message, cls)]

    def problems(self) -> dict[str, Problem]:
        return {problem.code: problem for problem in self.each(Problem)}

    async def until(self, condition: Callable[[], T], what: Words, within_s: float = PATIENCE_S) -> T:
        return await until(condition, what, within_s, every_s=0.01)


@asynccontextmanager
async def watching(home: Path, *, make: Callable[[Bus], W] = BusWatcher, name: str = "test") -> AsyncIterator[W]:
    """Yield a watcher on a bus of its own, which is called `name`."""
    bus = Bus(name, Paths(home).run)
    await bus.start()
    watcher = make(bus)
    task = asyncio.create_task(watcher.listen())
    try:
        yield watcher
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        await bus.close()
        assert ended is None or isinstance(ended, asyncio.CancelledError), ended


def has(watcher: BusWatcher, cls: type[M], key: str = "", **fields: Any) -> M | None:
    """Return the latest message of that topic, if its fields have these values."""
    found = watcher.now(cls, key)
    fits = found is not None and all(getattr(found, name) == value for name, value in fields.items())
    return found if fits else None
