"""The calls of one membership. They end with it, whatever they wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from common.errors import PartyError

T = TypeVar("T")


class CallScope:
    """Runs the calls about one party, except the leave, so that none outlives the membership."""

    def __init__(self) -> None:
        self._calls: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the membership is over."""
        return self._closed

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Return the result of `call`. Raises `PartyError` if the membership is over or ends meanwhile."""
        if self._closed:
            call.close()
            raise no_longer_in_it()
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        if task.cancelled():
            raise no_longer_in_it()
        return task.result()

    def close(self) -> None:
        """Cancel all pending calls. After it returns nothing is sent."""
        self._closed = True
        for task in list(self._calls):
            task.cancel()


def no_longer_in_it() -> PartyError:
    return PartyError(
        "The party was left meanwhile.", "Join one with `partyline join`, then ask again.", code="session.party-over"
    )
