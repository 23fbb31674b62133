"""Automatic rejoin of a party that dropped us while we were asleep or without a network."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from common.basic.clock import boot_s
from common.errors import PartyError, PartylineError
from common.messages import PartyState
from common.psn.errors import BlockedError, RateLimitedError
from workers.session.actions import LostParty
from workers.session.end_reasons import End
from workers.session.member.join_tasks import JoinTasks
from workers.session.member.party_problems import PartyProblems

NO_PUSH = "session.party-no-push"
FIRST_S = 5.0
"""The delay of the first retry. It doubles up to `SLOWEST_S`.
`benchmarks.whole.sleep` measures a sleep with its rejoin."""
SLOWEST_S = 60.0
MOST = 3
"""Rejoins within `WITHIN_S`. A party that drops us more often is given up."""
WITHIN_S = 900.0


def may_rejoin(end: End, away_s: float, rejoin_s: float) -> bool:
    """Return whether to rejoin automatically. A member who was kicked or left on another device stays out."""
    return end in ("dropped", "gone") and away_s < rejoin_s


class Rejoin:
    """Rejoins lost parties. Call `run` once."""

    def __init__(self, rejoin_s: float, joins: JoinTasks, problems: PartyProblems) -> None:
        self._rejoin_s = rejoin_s
        self._joins, self._problems = joins, problems
        self._lost: LostParty | None = None
        self._until = 0.0
        self._rejoins: list[float] = []
        """When recent rejoins began."""
        self._wanted, self._woken = asyncio.Event(), asyncio.Event()
        self._join: asyncio.Task[PartyState] | None = None
        self._log = structlog.get_logger("session")

    def on_lost(self, lost: LostParty) -> bool:
        """Decide whether to rejoin a lost party. Return whether it is tried."""
        now = boot_s()
        self._rejoins = [at for at in self._rejoins if now - at < WITHIN_S]
        if not may_rejoin(lost.end, lost.away_s, self._rejoin_s) or len(self._rejoins) >= MOST:
            return False
        self._rejoins.append(now)
        self._lost, self._until = lost, now + self._rejoin_s - lost.away_s
        self._wanted.set()
        return True

    def on_wake(self) -> None:
        """End the wait for the next try, since the machine slept meanwhile."""
        self._woken.set()

    def stop(self) -> None:
        """Cancel the rejoin, since the user wants something else."""
        self._lost = None
        if self._join is not None:
            self._join.cancel()

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            wait_s = FIRST_S
            while (lost := self._lost) is not None and boot_s() < self._until:
                if await self._try(lost):
                    break
                await self._rest(wait_s)
                wait_s = min(SLOWEST_S, wait_s * 2)
            if self._lost is lost:
                self._lost = None

    async def _rest(self, wait_s: float) -> None:
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._woken.wait()

    async def _try(self, lost: LostParty) -> bool:
        """Try once. Return whether that settles it."""
        self._log.info("automatic rejoin", session_id=lost.session_id, away_s=round(lost.away_s))
        self._join = self._joins.start_session(lost.session_id, lost.cpss_id)
        await asyncio.wait([self._join])
        if self._join.cancelled():
            return True
        error = self._join.exception()
        if error is None:
            self._problems.on_rejoined(lost.away_s)
            return True
        if not isinstance(error, PartylineError):
            raise error
        final = isinstance(error, PartyError) and error.code != NO_PUSH
        if final or isinstance(error, BlockedError | RateLimitedError):
            self._log.warning("the rejoin is given up", error=error.message)
            return True
        self._log.info("the rejoin failed and is retried", error=error.message)
        return False
