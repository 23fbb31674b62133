"""The resync of the party. Reasons are collected, one reading settles them, and it is retried until it succeeds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from common.errors import PartylineError

GATHER_S = 0.2
"""Reasons within this time are settled by one call."""
FIRST_S = 2.0


class Resync:
    """The resync. `settle` reads the party again, `failed` gets its error, and `well` is called on success."""

    def __init__(
        self,
        settle: Callable[[], Awaitable[None]],
        failed: Callable[[PartylineError], None],
        well: Callable[[], None],
        backoff_max_s: float,
    ) -> None:
        self._backoff_max_s = backoff_max_s
        self._settle = settle
        self._failed = failed
        self._well = well
        self._reasons: set[str] = set()
        self._failures = 0
        self._begun = asyncio.Event()
        self._raised = asyncio.Event()
        self._log = structlog.get_logger("session")

    def begin(self) -> None:
        """Reset the failures and end the backoff, because it is another membership."""
        self._failures = 0
        self._begun.set()

    def raise_(self, reason: str) -> None:
        self._reasons.add(reason)
        self._raised.set()

    async def run(self) -> None:
        """Resync whenever there is a reason. Every failure is retried, since in a party the members must be known."""
        while True:
            await self._raised.wait()
            await asyncio.sleep(GATHER_S)
            self._raised.clear()
            reasons, self._reasons = self._reasons, set()
            self._log.info("reading the party anew", reasons=sorted(reasons))
            try:
                await self._settle()
            except PartylineError as error:
                self._failures += 1
                self._failed(error)
                await self._back_off(min(self._backoff_max_s, FIRST_S * 2.0 ** min(self._failures - 1, 10)))
                self.raise_("the last reading failed")
                continue
            self._failures = 0
            self._well()

    async def _back_off(self, wait_s: float) -> None:
        self._begun.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._begun.wait()
