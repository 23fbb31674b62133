"""The resync of the party with the server, and the calls that find that we are no member."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.psn.errors import NotAMemberError
from workers.session import end_reasons
from workers.session.member import diagnosis
from workers.session.member.leaving import Leaving
from workers.session.member.membership_states import TABLE, MembershipEvent, MembershipState
from workers.session.member.parts import MoveParts
from workers.session.party.call_scope import no_longer_in_it
from workers.session.party.current import CurrentParty
from workers.session.party.reader import PartyReader

T = TypeVar("T")


class PartyResync:
    """Reads the party, and continues, ends or leaves the membership accordingly."""

    def __init__(self, parts: MoveParts, leaving: Leaving, reader: PartyReader) -> None:
        self._parts = parts
        self._membership = parts.membership
        self._leaving = leaving
        self._reader = reader
        self._log = structlog.get_logger("session")

    def restore(self) -> bool:
        """Resume and publish what an earlier run saved. Return whether there was a party."""
        actions = self._membership.restore()
        party = self._membership.party
        if party is not None and self._membership.memory.phase == "joined":
            self._parts.own_entry.start(party.session_id, party.scope)
        self._parts.perform(actions)
        return party is not None

    async def resync(self) -> None:
        """Resync with the server. Continue, end the membership, or finish a leave that was begun."""
        async with self._membership.lock:
            memory, party = self._membership.memory, self._membership.party
            if party is None:
                return
            if (await self._parts.tokens.token()).account_id != memory.account_id:
                self._finish(MembershipEvent.OTHER_ACCOUNT, "Another account has signed in.")
            elif self._membership.state in (MembershipState.LEAVING, MembershipState.CREATING):
                await self._leaving.leave_locked("Left the party.")
            else:
                await self._compare(party)

    async def _compare(self, party: CurrentParty) -> None:
        entering = self._membership.state is MembershipState.JOINING
        try:
            listed = await self.read(party)
        except NotAMemberError as error:
            self.on_not_a_member(error)
            return
        except PartylineError:
            if party.scope.closed:
                return
            raise
        if self._membership.party is not party:
            return
        if not listed:
            await self._on_not_listed(party)
            return
        if entering:
            self._parts.own_entry.start(party.session_id, party.scope)
        party.events.clear_end()
        self._parts.perform(self._membership.refresh())

    async def read(self, party: CurrentParty) -> bool:
        """Read the party. Return whether it lists us. Publish it with `Membership.refresh`."""
        entry = await self._reader.read(party)
        if entry is None or self._membership.party is not party:
            return False
        resumed = party.resumed
        self._membership.listed()
        self._parts.own_entry.on_shown(entry, resumed=resumed)
        await self._reader.add_names(party)
        return True

    async def _on_not_listed(self, party: CurrentParty) -> None:
        """Decide what it means that the server does not list us. Raises while that is uncertain."""
        memory, now = self._membership.memory, Moment.now()
        reason, end = await diagnosis.meaning_of_absence(self._parts.calls, memory, party, now)
        if party.shown:
            self._finish(MembershipEvent.NOT_LISTED, reason, end)
        else:  # a half-open membership blocks the next try [seen: chiaki]
            await self._leaving.leave_locked(reason, end)

    # --- calls about the party -------------------------------------------------------------------

    async def during(self, call: Coroutine[Any, Any, T]) -> T:
        """Make a call that is useful only while we are in the party. Raises `PartyError` when that ends."""
        party = self._membership.party
        if party is None:
            call.close()
            raise no_longer_in_it()
        try:
            return await party.scope.run(call)
        except NotAMemberError as error:
            self.on_not_a_member(error)
            raise

    def on_not_a_member(self, error: NotAMemberError) -> None:
        """Treat the party as left, as the app does [app]."""
        party = self._membership.party
        if party is None or (self._membership.state, MembershipEvent.NOT_A_MEMBER) not in TABLE:
            return
        self._log.info("not a member", error=error.message, reference_id=error.reference_id)
        if party.events.end:
            self._finish(MembershipEvent.NOT_A_MEMBER, party.events.reason, party.events.end)
        else:
            self._finish(MembershipEvent.NOT_A_MEMBER, end_reasons.NOT_A_MEMBER, "dropped")

    def _finish(self, event: MembershipEvent, reason: str, end: end_reasons.End = "left") -> None:
        self._parts.perform(self._membership.finish(event, reason, end))
