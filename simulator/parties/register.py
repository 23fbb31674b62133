"""Register of all parties: find, create, join. `changes` and `departures` change them. No I/O, no clock."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.facts.ways import Ways
from simulator.parties import events
from simulator.parties.bodies import NewMember, NewParty
from simulator.parties.events import Delivery
from simulator.parties.party import FRIENDS, Device, Key, SimulatedMember, SimulatedParty
from simulator.shared.refusals import Refused, bad_request, not_a_member

MOST_MEMBERS = 16


class PartyRegister:
    """All parties by session id."""

    def __init__(self, ways: Ways | None = None) -> None:
        self.by_id: dict[str, SimulatedParty] = {}
        self.lists_invitations = True
        """Whether REST lists invitations. They were seen by push only."""
        self._ways = ways or Ways()

    @rests_on(facts.ERROR_SHAPE)
    def find(self, session_id: str) -> SimulatedParty:
        party = self.by_id.get(session_id)
        if party is None:
            raise Refused(404, f"there is no party {session_id[:40]!r}", violation=False)
        return party

    def by_link(self, cpss_id: str) -> SimulatedParty | None:
        return next((party for party in self.by_id.values() if party.cpss_id == cpss_id), None)

    @rests_on(facts.TWICE)
    def of_member(self, key: Key) -> SimulatedParty | None:
        """Return the party of this device of this account. Its other devices may be elsewhere."""
        return next((party for party in self.by_id.values() if key in party.members), None)

    @rests_on(facts.NOT_A_MEMBER, facts.NOT_A_MEMBER_STATUS)
    def member(self, session_id: str, device: Device) -> tuple[SimulatedParty, SimulatedMember]:
        """Return party and own entry. Raises `Refused` (404, or code 2233351 for those who are not in it)."""
        party = self.find(session_id)
        member = party.members.get(device.key)
        if member is None:
            raise not_a_member(f"{device.peer} is not in the party", self._ways.of(facts.NOT_A_MEMBER_STATUS))
        return party, member

    @rests_on(facts.BULK)
    def visible_to(self, device: Device, listed: Iterable[str]) -> list[SimulatedParty]:
        """Return the parties that a device may join, and the `listed` ones."""
        wanted = set(listed)
        return [
            party
            for party in self.by_id.values()
            if self._is_open_to(party, device.account_id) or party.session_id in wanted
        ]

    @rests_on(facts.FRIENDS, facts.TWICE)
    def _is_open_to(self, party: SimulatedParty, account_id: str) -> bool:
        """Return whether an account may join as a friend, as invited, or with another device in the party."""
        return party.joinable_by == FRIENDS or account_id in party.invited or bool(party.of_account(account_id))

    @rests_on(facts.OPEN_PARTIES, facts.GROUP_NAME)
    def of_groups(self, account_id: str) -> list[SimulatedParty]:
        """Return the parties of an account's groups."""
        digits = f"{int(account_id):016x}" if account_id.isdecimal() else ""
        return [p for p in self.by_id.values() if digits and digits in p.group_id.removeprefix("~").split(".")]

    # --- create, join ---------------------------------------------------------------------------

    @rests_on(facts.CREATE)
    def create(  # noqa: PLR0913  # the two ids are for the demo, whose link is the same in every run
        self, device: Device, new: NewParty, member: NewMember, now: float, *, session_id: str = "", cpss_id: str = ""
    ) -> tuple[SimulatedParty, list[Delivery]]:
        self._check_free(device)
        if not 1 <= new.maxMembers <= MOST_MEMBERS:
            raise bad_request(f"maxMembers {new.maxMembers} is not 1…{MOST_MEMBERS}")
        party = SimulatedParty(
            session_id=session_id or str(uuid.uuid4()),
            cpss_id=cpss_id or f"js_{secrets.token_hex(10)[:19]}",
            name=new.sessionName,
            visibility=new.visibilityType,
            joinable_by=new.joinableUserType,
            max_members=new.maxMembers,
            created_ms=int(now * 1000),
            owner=device.key,
        )
        self.by_id[party.session_id] = party
        mine = self._enter(party, device, member, now)
        return party, [
            *party.tell(events.PARTY_CREATED, mine),
            *party.tell(events.MEMBERS_CREATED, mine, members=[mine.created_entry()]),
        ]

    @rests_on(facts.LINK_OPENS)
    def join(
        self, session_id: str, device: Device, new: NewMember, now: float, *, cpss_id: str = ""
    ) -> tuple[SimulatedParty, list[Delivery]]:
        party = self.find(session_id)
        if cpss_id and cpss_id != party.cpss_id:
            raise bad_request("X-PSN-SESSION-MANAGER-CPSS-ID is not the id of that party's link")
        known = party.members.get(device.key)
        if known is not None:
            return party, self._join_again(party, known, new)
        self._check_free(device)
        if not cpss_id and not self._is_open_to(party, device.account_id):
            raise Refused(403, "the party is for invited people, and no link's id was sent")
        if len(party.members) >= party.max_members:
            raise Refused(403, "the party is full", violation=False)
        mine = self._enter(party, device, new, now, cpss_id)
        return party, party.tell(events.MEMBERS_CREATED, mine, members=[mine.created_entry()])

    @rests_on(facts.JOIN_AGAIN, facts.MEMBERS_UPDATED)
    def _join_again(self, party: SimulatedParty, known: SimulatedMember, new: NewMember) -> list[Delivery]:
        """Handle a second join. Refuse it, or update the existing entry."""
        if self._ways.of(facts.JOIN_AGAIN) == "409":
            raise Refused(409, f"{known.device.peer} is in that very party", violation=False)
        known.context_id, known.sequence = new.pushContexts[0].contextId, 0
        known.custom_data4 = new.customData4
        return party.tell(events.MEMBERS_UPDATED, known, members=[known.full_entry("number")])

    @rests_on(facts.CONTEXT, facts.JOIN_ORDER)
    def _enter(
        self, party: SimulatedParty, device: Device, new: NewMember, now: float, cpss_id: str = ""
    ) -> SimulatedMember:
        party.joined += 1
        member = SimulatedMember(
            device=device,
            join_order=party.joined,
            joined_ms=int(now * 1000),
            context_id=new.pushContexts[0].contextId,
            custom_data3=new.customData3,
            custom_data4=new.customData4,
            voice_chat=new.voiceChatActivated,
            cpss_id=cpss_id,
        )
        party.members[device.key] = member
        party.invited.discard(device.account_id)
        return member

    @rests_on(facts.HALF_OPEN)
    def _check_free(self, device: Device) -> None:
        """Refuse a device in another party, since a half-open membership blocks the next try [seen: chiaki]."""
        if self.of_member(device.key) is not None:
            raise Refused(409, f"{device.peer} is still in another party")
