"""The search for the followed player's party."""

from __future__ import annotations

from common.basic.clock import Moment
from workers.session.automatic.followed import Followed, find
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.calls.party_calls import PartyCalls
from workers.session.invitations import ReceivedInvitations


class PlayerSearch:
    def __init__(self, calls: PartyCalls, lookups: LookupCalls, invitations: ReceivedInvitations) -> None:
        self._calls = calls
        self._lookups = lookups
        self._invitations = invitations

    async def search(self, followed: Followed) -> str:
        """Return the session id of the party to join, or ""."""
        invited = [one.session_id for one in self._invitations.now(Moment.now())]
        me = await self._lookups.me()
        party = find(await self._calls.parties(invited), followed, me)
        return party.session_id if party is not None else ""
