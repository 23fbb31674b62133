"""When the party must be read anew: doubts are gathered, settled by one reading, and again until it succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from common.errors import PartylineError
from common.psn.errors import BadAnswerError, RefusedError

GATHER_S = 0.2
"""Doubts that come together are settled by one call."""


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
        self._raised = asyncio.Event()
        self._log = structlog.get_logger("session")

    def raise_(self, reason: str) -> None:
        self._reasons.add(reason)
        self._raised.set()

    async def run(self) -> None:
        failures = 0
        while True:
            await self._raised.wait()
            await asyncio.sleep(GATHER_S)
            self._raised.clear()
            reasons, self._reasons = self._reasons, set()
            self._log.info("reading the party anew", reasons=sorted(reasons))
            try:
                await self._settle()
            except PartylineError as error:
                failures += 1
                self._failed(error)
                if isinstance(error, RefusedError | BadAnswerError):
                    continue  # repeating it would change nothing; the next event or gap may
                await asyncio.sleep(min(self._backoff_max_s, 2.0 ** min(failures, 10)))
                self.raise_("the last reading failed")
                continue
            failures = 0
            self._well()
