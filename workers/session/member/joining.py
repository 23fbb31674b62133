"""Joining a party, or creating one."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from common.errors import PartylineError
from common.messages import PartyState
from common.psn.errors import NotFoundError, RefusedError
from common.psn.party.sessions import Party
from workers.session.actions import RequestResync
from workers.session.end_reasons import AccountFacts
from workers.session.leave import half_open
from workers.session.member import diagnosis
from workers.session.member.leaving import Leaving
from workers.session.member.membership_states import MembershipEvent, MembershipState
from workers.session.member.parts import MoveParts
from workers.session.member.party_resync import PartyResync
from workers.session.memory import PartyMemory

Enter = Callable[[PartyMemory], Awaitable[Party]]


class Joining:
    """Joins and creates parties, after leaving the present one. Raises the refusal. We are in no party then."""

    def __init__(self, parts: MoveParts, leaving: Leaving, resync: PartyResync, platform: str) -> None:
        self._parts = parts
        self._membership = parts.membership
        self._leaving = leaving
        self._resync = resync
        self._platform = platform
        self._account = AccountFacts()
        self._log = structlog.get_logger("session")

    def on_account(self, account: AccountFacts) -> None:
        """Set what the sign-in reports about us, for messages about a refusal."""
        self._account = account

    def is_in(self, session_id: str) -> bool:
        return self._membership.memory.is_in(session_id)

    async def join(self, session_id: str, cpss_id: str) -> PartyState:
        """Join, unless we are in that party. `cpss_id` is that of the link that led there, or ""."""

        async def enter(tried: PartyMemory) -> Party:
            custom_data4 = self._parts.own_entry.custom_data4
            return await self._parts.calls.join(session_id, tried.context_id, cpss_id, custom_data4)

        async with self._membership.lock:
            if not self.is_in(session_id):
                await self._enter(PartyMemory(session_id=session_id, cpss_id=cpss_id, platform=self._platform), enter)
        return self._membership.party_state()

    async def create(self, name: str, *, open_to_friends: bool) -> PartyState:
        """Create a party and join it."""

        async def enter(tried: PartyMemory) -> Party:
            custom_data4 = self._parts.own_entry.custom_data4
            return await self._parts.calls.create(name, tried.context_id, custom_data4, open_to_friends=open_to_friends)

        async with self._membership.lock:
            await self._enter(PartyMemory(name=name, platform=self._platform), enter)
        return self._membership.party_state()

    async def _enter(self, wanted: PartyMemory, enter: Enter) -> None:
        """Become a member by `enter`, which returns the party of its answer."""
        parts = self._parts
        account_id = (await parts.tokens.token()).account_id
        await parts.signaling.start_voice_chat()
        if self._membership.state is not MembershipState.OUT:
            await self._leaving.leave_locked("Joining another party.")
        tried = msgspec.structs.replace(wanted, context_id=str(uuid.uuid4()), account_id=account_id)
        parts.perform(self._membership.begin(tried))
        try:
            if tried.session_id and parts.leaves.drop(tried.session_id):  # a later retry would remove us again
                self._leaving.on_leaves_changed()
            answer = await half_open.entered(parts.calls, tried, parts.leaves, enter)
        except PartylineError as error:
            raise await self._not_entered(error, tried) from error
        self._membership.let_in(answer)
        await self._after_join()

    async def _not_entered(self, error: PartylineError, tried: PartyMemory) -> PartylineError:
        """Leave after a failed join, since a half-open membership blocks the next try. Return the refusal's meaning."""
        meant = await diagnosis.meaning_of_refusal(self._parts.calls, error, tried, self._account)
        if not tried.session_id and isinstance(error, RefusedError | NotFoundError):
            self._parts.perform(self._membership.finish(MembershipEvent.NOT_CREATED, meant.message, "refused"))
        else:
            await self._leaving.leave_locked(meant.message, "refused")
        return meant

    async def _after_join(self) -> None:
        """Read the members. A failure here does not undo the join."""
        party, perform = self._membership.party, self._parts.perform
        if party is None:
            return
        self._parts.own_entry.start(party.session_id, party.scope)
        try:
            await self._resync.read(party)
        except PartylineError as error:
            self._log.warning("joined, but the party cannot be read yet", error=error.message)
        if self._membership.state is MembershipState.UNREAD:
            perform([RequestResync("the party could not be read after joining")])
        perform(self._membership.refresh())
