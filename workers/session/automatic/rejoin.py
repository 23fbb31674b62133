"""Automatic rejoin of a party that dropped us while we were asleep or without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from common.basic.clock import boot_s
from common.errors import PartyError, PartylineError
from common.messages import PartyState
from common.psn.errors import BlockedError, RateLimitedError
from workers.session.member.absence import LostParty, may_rejoin

NO_PUSH = "session.party-no-push"
FIRST_S = 5.0
SLOWEST_S = 60.0
MOST = 3
"""Rejoins within `WITHIN_S`. A party that drops us more often is given up."""
WITHIN_S = 900.0


class Rejoin:
    """Rejoins lost parties. Call `run` once. `join` takes the session id and the id of the link that led there."""

    def __init__(
        self,
        rejoin_s: float,
        join: Callable[[str, str], Awaitable[PartyState]],
        back: Callable[[float], None],
        failed: Callable[[PartylineError], None],
    ) -> None:
        self._rejoin_s = rejoin_s
        self._join, self._back, self._failed = join, back, failed
        self._lost: LostParty | None = None
        self._until = 0.0
        self._begun: list[float] = []
        self._poked = asyncio.Event()
        self._going: asyncio.Future[PartyState] | None = None
        self._log = structlog.get_logger("session")

    def lost(self, lost: LostParty) -> None:
        """Record a lost party, and decide whether to rejoin it."""
        now = boot_s()
        self._begun = [at for at in self._begun if now - at < WITHIN_S]
        if not may_rejoin(lost.end, lost.away_s, self._rejoin_s) or len(self._begun) >= MOST:
            return
        self._begun.append(now)
        self._lost, self._until = lost, now + self._rejoin_s - lost.away_s
        self._poked.set()

    def stop(self) -> None:
        """Cancel the rejoin, since the user wants something else."""
        self._lost = None
        if self._going is not None:
            self._going.cancel()

    async def run(self) -> None:
        while True:
            await self._poked.wait()
            self._poked.clear()
            wait_s = FIRST_S
            while (lost := self._lost) is not None and boot_s() < self._until:
                if await self._go(lost):
                    break
                await asyncio.sleep(wait_s)
                wait_s = min(SLOWEST_S, wait_s * 2)
            if self._lost is lost:
                self._lost = None

    async def _go(self, lost: LostParty) -> bool:
        """Try once. Return whether that settles it."""
        self._log.info("joining again by itself", session_id=lost.session_id, away_s=round(lost.away_s))
        self._going = asyncio.ensure_future(self._join(lost.session_id, lost.cpss_id))
        await asyncio.wait([self._going])
        if self._going.cancelled():
            return True
        error = self._going.exception()
        if error is None:
            self._back(lost.away_s)
            return True
        if not isinstance(error, PartylineError):
            raise error
        self._log.info("not in the party again", error=error.message)
        final = isinstance(error, PartyError) and error.code != NO_PUSH
        if final or isinstance(error, BlockedError | RateLimitedError):
            self._failed(error)
            return True
        return False
