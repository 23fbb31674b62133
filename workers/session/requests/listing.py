"""The parties we are in, are invited into, or may join."""

from __future__ import annotations

import structlog

from common.basic.clock import Moment
from common.bus import Bus
from common.errors import PartyError
from common.messages import Invitation, Member
from common.psn.errors import BadAnswerError, NotFoundError, RefusedError
from common.psn.party.sessions import Party
from common.requests import FindPictures, ListParties, Parties, PartySummary, Pictures
from workers.session.calls.lookup_calls import LookupCalls
from workers.session.calls.party_calls import PartyCalls
from workers.session.invitations import ReceivedInvitations
from workers.session.member.membership import Membership


class PartyListing:
    """Serves the requests that look something up."""

    def __init__(
        self, calls: PartyCalls, lookups: LookupCalls, membership: Membership, invitations: ReceivedInvitations
    ) -> None:
        self._calls = calls
        self._lookups = lookups
        self._membership = membership
        self._invitations = invitations
        self._log = structlog.get_logger("session")

    def serve(self, bus: Bus) -> None:
        bus.serve(ListParties, self._serve_list)
        bus.serve(FindPictures, self._serve_pictures)

    async def _serve_list(self, _: ListParties) -> Parties:
        return Parties(parties=await self.parties())

    async def _serve_pictures(self, request: FindPictures) -> Pictures:
        return Pictures(urls=await self._lookups.pictures(request.account_ids) if request.account_ids else {})

    async def parties(self) -> tuple[PartySummary, ...]:
        """Return all of them, with those that we are invited into but PlayStation does not list."""
        try:
            self._invitations.on_listed(await self._lookups.invitations(), Moment.now())
        except (BadAnswerError, NotFoundError, RefusedError) as error:
            self._log.info("invitations are known by push only", error=error.message)
        invited = {one.session_id.lower(): one for one in self._invitations.now(Moment.now())}
        ids = [*(one.session_id for one in invited.values()), *await self._of_groups()]
        listed = await self._calls.parties(list(dict.fromkeys(ids)))
        known = {party.session_id.lower() for party in listed}
        unlisted = [
            PartySummary(session_id=one.session_id, standing="invited", invited_by=_inviter(one))
            for key, one in invited.items()
            if key not in known
        ]
        return (*(self._summary(party, invited.get(party.session_id.lower())) for party in listed), *unlisted)

    async def _of_groups(self) -> list[str]:
        """Return the open parties of groups that we are in, none if PlayStation does not say."""
        try:
            return await self._lookups.open_parties()
        except (BadAnswerError, NotFoundError, RefusedError) as error:
            self._log.info("parties of groups are not known", error=error.message)
            return []

    async def only_party(self) -> str:
        """Return the id of the only party we are invited into, else of the only one to join. Raises `PartyError`."""
        parties = [party for party in await self.parties() if party.joinable]
        invited = [party for party in parties if party.standing == "invited"]
        found = invited or parties
        if len(found) == 1:
            return found[0].session_id
        raise PartyError(
            f"There are {len(found)} parties to join." if found else "There is no party to join.",
            "See `partyline parties`, then `partyline join` with a link or session id.",
        )

    def _summary(self, party: Party, invitation: Invitation | None) -> PartySummary:
        here = self._membership.memory
        inside = here.is_in(party.session_id)
        members = tuple(
            Member(
                account_id=member.account_id,
                platform=member.platform,
                online_id=member.online_id,
                is_host=member.account_id == party.owner and party.owner_platform in ("", member.platform),
                is_me=inside and (member.account_id, member.platform) == (here.account_id, here.platform),
            )
            for member in party.members
        )
        named = next((member.online_id for member in members if member.is_host), "")
        return PartySummary(
            session_id=party.session_id,
            name=party.name,
            owner=party.owner_name or named or party.owner,
            members=members,
            max_members=party.max_members,
            joinable=party.joinable,
            standing="in" if inside else "invited" if invitation else "open",
            invited_by=_inviter(invitation) if invitation else "",
        )


def _inviter(invitation: Invitation) -> str:
    return invitation.from_online_id or invitation.from_account_id
