"""Joins by link or session id, each in its own task, which a stopping worker can cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from common.errors import PartylineError
from common.messages import PartyState
from common.psn.http.endpoints import EndpointSource
from common.psn.party.links import SessionId, parse_target
from workers.session import end_reasons
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.invitations import ReceivedInvitations
from workers.session.member.joining import Joining
from workers.session.member.party_problems import PartyProblems


class JoinTasks:
    """Starts joins and creates. A task returns the party's state, or raises the refusal."""

    def __init__(
        self,
        joining: Joining,
        lookups: LookupCalls,
        endpoints: EndpointSource,
        invitations: ReceivedInvitations,
        problems: PartyProblems,
    ) -> None:
        self._joining = joining
        self._lookups = lookups
        self._endpoints = endpoints
        self._invitations = invitations
        self._problems = problems
        self._tasks: set[asyncio.Task[PartyState]] = set()

    def start(self, target: str) -> asyncio.Task[PartyState]:
        """Join by a share link or session id."""
        return self._start(self._join(target))

    def start_session(self, session_id: str, cpss_id: str) -> asyncio.Task[PartyState]:
        """Join a party that is known. `cpss_id` is that of the link that led there, or ""."""
        return self._start(self._join_session(session_id, cpss_id))

    def start_create(self, name: str, *, open_to_friends: bool) -> asyncio.Task[PartyState]:
        return self._start(self._create(name, open_to_friends=open_to_friends))

    async def cancel_all(self) -> None:
        """Cancel the joins, and wait for their ends."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- inside ----------------------------------------------------------------------------------

    def _start(self, move: Coroutine[Any, Any, PartyState]) -> asyncio.Task[PartyState]:
        task = asyncio.create_task(move)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _join(self, target: str) -> PartyState:
        return await self._join_session(*await self._resolve(target))

    async def _join_session(self, session_id: str, cpss_id: str) -> PartyState:
        try:
            state = await self._joining.join(session_id, cpss_id)
        except PartylineError as error:
            if error.code == end_reasons.GONE:
                self._invitations.forget(session_id)
            raise
        self._invitations.forget(session_id)
        self._problems.on_success()
        return state

    async def _create(self, name: str, *, open_to_friends: bool) -> PartyState:
        state = await self._joining.create(name, open_to_friends=open_to_friends)
        self._problems.on_success()
        return state

    async def _resolve(self, target: str) -> tuple[str, str]:
        """Return session id and cpssId ("" without a link)."""
        meant = parse_target(target, self._endpoints.current().party_link)
        if isinstance(meant, SessionId):
            return meant.value, ""
        info = await self._lookups.resolve(meant.value)
        if not info.joinable and not self._joining.is_in(info.session_id):
            raise end_reasons.not_joinable(info)
        return info.session_id, meant.value
