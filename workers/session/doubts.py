"""When the party must be read anew: doubts are gathered, settled by one reading, and again until it succeeds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from common.errors import PartylineError

GATHER_S = 0.2
"""Doubts that come together are settled by one call."""
FIRST_S = 2.0


class Doubts:
    """`settle` reads the party anew; `failed` is told why it could not, `well` that it could."""

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
        """Forget earlier failures, and wait for them no longer: it is another membership."""
        self._failures = 0
        self._begun.set()

    def raise_(self, reason: str) -> None:
        self._reasons.add(reason)
        self._raised.set()

    async def run(self) -> None:
        """Settle what is doubted. Whatever a reading met, it is tried again: in a party, we must know who is there."""
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
