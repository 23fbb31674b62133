"""Leaves that the server has not confirmed. They survive a restart and are retried until they are confirmed.

A half-open membership blocks the next try [seen: chiaki], so none is forgotten. The user does not wait for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.files.state import Placed, StateFile
from common.psn.http.client import TokenSource
from workers.session.calls.party_calls import PartyCalls
from workers.session.leave import half_open

MOST = 8
"""Older leaves are discarded. More than one or two are not expected."""
FIRST_S = 2.0
"""The delay of the first retry. It doubles with each failure up to `SLOWEST_S`."""
SLOWEST_S = 300.0
LONGEST_S = 24 * 3600.0
"""A member without a push channel is dropped long before this."""
UNKNOWN_LONGEST_S = 600.0
"""How long a party is searched for whose id we never received."""


class PendingLeave(msgspec.Struct, frozen=True, kw_only=True):
    """One leave that must be retried."""

    session_id: str
    """Empty for a party that we created without receiving its id."""
    account_id: str
    platform: str
    begun: Moment | None = None
    """When the leave was first tried. Missing in files of older versions."""
    tries: int = 0
    tried: Moment | None = None

    def later(self, now: Moment) -> PendingLeave:
        """Return a copy after one more try."""
        return msgspec.structs.replace(self, begun=self.begun or now, tries=self.tries + 1, tried=now)

    def wait_s(self, now: Moment) -> float:
        """Return the seconds until the next try, at most `SLOWEST_S`. 0 if it is due."""
        if self.tried is None:
            return 0.0
        return max(0.0, min(SLOWEST_S, FIRST_S * 2.0 ** min(max(0, self.tries - 1), 12)) - self.tried.ago_s(now))

    def stale(self, now: Moment) -> bool:
        """Return whether it is so old that the server no longer counts us as a member."""
        longest_s = LONGEST_S if self.session_id else UNKNOWN_LONGEST_S
        return self.begun is not None and self.begun.ago_s(now) >= longest_s


class _KeptLeaves(Placed, frozen=True, kw_only=True):
    leaves: tuple[PendingLeave, ...] = ()


class LeaveOwner(Protocol):
    """The membership, beside which earlier leaves are retried."""

    @property
    def session_id(self) -> str:
        """Session id of the present party, which is not left."""

    def on_leaves_changed(self) -> None:
        """Publish the number of leaves, which a retry has changed."""


class PendingLeaves:
    """The list and its retries. Call `run` once."""

    def __init__(self, path: Path, place: str, calls: PartyCalls, tokens: TokenSource) -> None:
        self._file = StateFile(path, _KeptLeaves, place, "leaves that are not confirmed")
        self._calls, self._tokens = calls, tokens
        self._log = structlog.get_logger("session")
        self._added = asyncio.Event()

    @property
    def now(self) -> tuple[PendingLeave, ...]:
        """The leaves that must be retried."""
        return self._file.now.leaves[-MOST:]

    def pending(self) -> tuple[str, ...]:
        """Return the known session ids of the leaves."""
        return tuple(one.session_id for one in self.now if one.session_id)

    def add(self, session_id: str, account_id: str, platform: str) -> None:
        """Schedule a leave for retries."""
        one = PendingLeave(session_id=session_id, account_id=account_id, platform=platform).later(Moment.now())
        self._keep((*(other for other in self.now if other.session_id != session_id), one)[-MOST:])
        self._added.set()

    def drop(self, session_id: str) -> bool:
        """Remove a leave that is done, or whose party we joined again. Return whether it was there."""
        left = tuple(one for one in self.now if one.session_id.lower() != session_id.lower())
        there = len(left) < len(self.now)
        self._keep(left)
        return there

    def wake(self) -> None:
        """Check again which leave is due, since the time until it also passed while the machine slept."""
        self._added.set()

    async def run(self, owner: LeaveOwner) -> None:
        while True:
            self._added.clear()
            wait_s = await self._step(owner)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._added.wait()

    async def _step(self, owner: LeaveOwner) -> float | None:
        """Retry the next leave that is due. Return the seconds until the next one."""
        now = Moment.now()
        if self._keep(tuple(one for one in self.now if not one.stale(now))):
            owner.on_leaves_changed()
        due = min(self.now, key=lambda one: one.wait_s(now), default=None)
        if due is None:
            return None
        if (wait_s := due.wait_s(now)) > 0:
            return wait_s
        if await self.repeat(due, owner):
            if self.drop(due.session_id):
                owner.on_leaves_changed()
        else:
            self._keep(tuple(one.later(now) if one.session_id == due.session_id else one for one in self.now))
        return 0.0

    async def repeat(self, one: PendingLeave, owner: LeaveOwner | None = None) -> bool:
        """Try to leave. Return whether it is settled. Without an `owner`, we are in no party."""
        try:
            if (await self._tokens.token()).account_id != one.account_id:
                return True  # we cannot leave for another account
            session_id = one.session_id or await half_open.find_created(self._calls, one.account_id, one.platform)
            present = owner.session_id.lower() if owner is not None else ""
            if session_id and session_id.lower() != present:
                await self._calls.leave(session_id)
        except PartylineError as error:
            self._log.info("a leave is not confirmed yet", tries=one.tries + 1, error=error.message)
            return False
        return True

    # --- the file ---------------------------------------------------------------------------------

    def _keep(self, leaves: tuple[PendingLeave, ...]) -> bool:
        """Save the list. Return whether its length changed."""
        changed = len(leaves) != len(self.now)
        self._file.keep(_KeptLeaves(leaves=leaves))
        return changed
