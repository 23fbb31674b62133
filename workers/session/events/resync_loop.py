"""When to resync the party. Reasons are collected, one resync settles them, and it is retried until it succeeds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

import structlog

from common.errors import PartylineError

GATHER_S = 0.2
"""Reasons within this time are settled by one resync. It is short beside the call itself."""
FIRST_S = 2.0
"""The delay of the first retry. It doubles with each failure."""


class Resyncable(Protocol):
    """What is resynced."""

    async def resync(self) -> None:
        """Read the party by REST, and draw the consequences. Raises `PartylineError` if that was not possible."""


class ResyncObserver(Protocol):
    """What hears how it went."""

    def on_resync_failed(self, error: PartylineError) -> None: ...

    def on_success(self) -> None: ...


class ResyncLoop:
    """The loop. Call `run` once."""

    def __init__(self, party: Resyncable, observer: ResyncObserver, backoff_max_s: float) -> None:
        self._party = party
        self._observer = observer
        self._backoff_max_s = backoff_max_s
        self._reasons: set[str] = set()
        self._failures = 0
        self._reset = asyncio.Event()
        self._requested = asyncio.Event()
        self._log = structlog.get_logger("session")

    def reset_backoff(self) -> None:
        """Forget the failures and end the wait for the next try, because it is another membership."""
        self._failures = 0
        self._reset.set()

    def request(self, reason: str) -> None:
        """Schedule a resync."""
        self._reasons.add(reason)
        self._requested.set()

    async def run(self) -> None:
        """Resync whenever there is a reason. Every failure is retried, since in a party the members must be known."""
        while True:
            await self._requested.wait()
            await asyncio.sleep(GATHER_S)
            self._requested.clear()
            reasons, self._reasons = self._reasons, set()
            self._log.info("resync of the party", reasons=sorted(reasons))
            try:
                await self._party.resync()
            except PartylineError as error:
                self._failures += 1
                self._observer.on_resync_failed(error)
                await self._back_off(min(self._backoff_max_s, FIRST_S * 2.0 ** min(self._failures - 1, 10)))
                self.request("the last resync failed")
                continue
            self._failures = 0
            self._observer.on_success()

    async def _back_off(self, wait_s: float) -> None:
        self._reset.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._reset.wait()
