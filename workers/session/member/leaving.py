"""Leaving a party."""

from __future__ import annotations

import structlog

from common.errors import PartylineError
from workers.session.actions import EndVoiceChat
from workers.session.end_reasons import End
from workers.session.leave import half_open
from workers.session.leave.pipeline_stop import whole_pipeline_stops
from workers.session.member.membership_states import MembershipEvent, MembershipState
from workers.session.member.parts import MoveParts


class Leaving:
    """Leaves the party. A leave that is not confirmed is recorded in `PendingLeaves`, which retry it."""

    def __init__(self, parts: MoveParts) -> None:
        self._parts = parts
        self._membership = parts.membership
        self._log = structlog.get_logger("session")

    @property
    def session_id(self) -> str:
        """Session id of the present party, which a retry of an earlier leave must not leave."""
        return self._membership.memory.session_id

    @property
    def has_party(self) -> bool:
        """Whether there is a party to leave."""
        return self._membership.state is not MembershipState.OUT

    def on_leaves_changed(self) -> None:
        """Publish the number of leaves that are not confirmed."""
        self._parts.perform(self._membership.refresh())

    async def leave(self, reason: str) -> PartylineError | None:
        """Leave the party, if any, because the user asked. Return the error if the leave is not confirmed."""
        if self._membership.party is not None:
            self._membership.party.scope.close()  # also stops the move that holds the lock
        async with self._membership.lock:
            failure = await self.leave_now(reason)
        if failure is None:
            self._parts.perform([EndVoiceChat()])
        return failure

    async def leave_now(self, reason: str) -> PartylineError | None:
        """Leave the party, if any, without waiting for another move. The stopping worker has cancelled them."""
        return await self.leave_locked(reason) if self.has_party else None

    async def leave_at_stop(self, supervisor_url: str, own_name: str) -> None:
        """Leave the party, unless other workers keep running and this one will be restarted."""
        if not self.has_party:
            return
        if not await whole_pipeline_stops(supervisor_url, own_name):
            self._log.info("staying in the party, because only this worker stops")
            return
        failure = await self.leave_now("partyline was stopped.")
        if failure is not None:
            self._log.warning("the leave was not confirmed and is retried at the next start", error=failure.message)

    async def leave_locked(self, reason: str, end: End = "left") -> PartylineError | None:
        """Leave the party within a move. Return the error if the leave is not confirmed. It is retried then."""
        parts, was = self._parts, self._membership.memory
        parts.perform(self._membership.begin_leave())
        failure: PartylineError | None = None
        try:
            session_id = was.session_id
            if not session_id:
                session_id = await half_open.find_created(parts.calls, was.account_id, was.platform)
            if session_id:
                if was.phase == "joined":
                    await parts.signaling.end_signals(session_id)
                await parts.calls.leave(session_id)
        except PartylineError as error:
            self._log.info("a leave is not confirmed", error=error.message)
            parts.leaves.add(was.session_id, was.account_id, was.platform)
            failure = error
        parts.perform(self._membership.finish(MembershipEvent.LEFT, reason, end))
        return failure
