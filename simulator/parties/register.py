"""Register of all parties: create, join, leave, change, invite. Each change returns its events. No I/O, no clock."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.facts.ways import Ways
from simulator.parties import events
from simulator.parties.bodies import ChangeMember, ChangeParty, NewMember, NewParty
from simulator.parties.events import Delivery
from simulator.parties.party import FRIENDS, Device, Key, Member, Party
from simulator.shared.refusals import Refused, bad_request, not_a_member

MOST_MEMBERS = 16


class Parties:
    def __init__(self, ways: Ways | None = None) -> None:
        self.by_id: dict[str, Party] = {}
        self.lists_invitations = True
        """Whether REST lists invitations. They were seen by push only."""
        self._ways = ways or Ways()

    @rests_on(facts.ERROR_SHAPE)
    def find(self, session_id: str) -> Party:
        party = self.by_id.get(session_id)
        if party is None:
            raise Refused(404, f"there is no party {session_id[:40]!r}", violation=False)
        return party

    def by_link(self, cpss_id: str) -> Party | None:
        return next((party for party in self.by_id.values() if party.cpss_id == cpss_id), None)

    @rests_on(facts.TWICE)
    def of_member(self, key: Key) -> Party | None:
        """Return the party of this device of this account. Its other devices may be elsewhere."""
        return next((party for party in self.by_id.values() if key in party.members), None)

    @rests_on(facts.NOT_A_MEMBER, facts.NOT_A_MEMBER_STATUS)
    def member(self, session_id: str, device: Device) -> tuple[Party, Member]:
        """Return party and own entry. Raises `Refused` (404, or code 2233351 for those who are not in it)."""
        party = self.find(session_id)
        member = party.members.get(device.key)
        if member is None:
            raise not_a_member(f"{device.peer} is not in the party", self._ways.of(facts.NOT_A_MEMBER_STATUS))
        return party, member

    @rests_on(facts.BULK)
    def visible_to(self, device: Device, listed: Iterable[str]) -> list[Party]:
        """Return the parties that a device may join, and the `listed` ones."""
        wanted = set(listed)
        return [
            party
            for party in self.by_id.values()
            if self._is_open_to(party, device.account_id) or party.session_id in wanted
        ]

    @rests_on(facts.FRIENDS, facts.TWICE)
    def _is_open_to(self, party: Party, account_id: str) -> bool:
        """Return whether an account may join as a friend, as invited, or with another device in the party."""
        return party.joinable_by == FRIENDS or account_id in party.invited or bool(party.of_account(account_id))

    @rests_on(facts.OPEN_PARTIES, facts.GROUP_NAME)
    def of_groups(self, account_id: str) -> list[Party]:
        """Return the parties of an account's groups."""
        digits = f"{int(account_id):016x}" if account_id.isdecimal() else ""
        return [p for p in self.by_id.values() if digits and digits in p.group_id.removeprefix("~").split(".")]

    # --- create, join, leave ---------------------------------------------------------------------

    @rests_on(facts.CREATE)
    def create(  # noqa: PLR0913  # the two ids are for the demo, whose link is the same in every run
        self, device: Device, new: NewParty, member: NewMember, now: float, *, session_id: str = "", cpss_id: str = ""
    ) -> tuple[Party, list[Delivery]]:
        self._check_free(device)
        if not 1 <= new.maxMembers <= MOST_MEMBERS:
            raise bad_request(f"maxMembers {new.maxMembers} is not 1…{MOST_MEMBERS}")
        party = Party(
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
    ) -> tuple[Party, list[Delivery]]:
        party = self.find(session_id)
        if cpss_id and cpss_id != party.cpss_id:
            raise bad_request("X-PSN-SESSION-MANAGER-CPSS-ID is not the id of that party's link")
        known = party.members.get(device.key)
        if known is not None:
            return party, self._again(party, known, new)
        self._check_free(device)
        if not cpss_id and not self._is_open_to(party, device.account_id):
            raise Refused(403, "the party is for invited people, and no link's id was sent")
        if len(party.members) >= party.max_members:
            raise Refused(403, "the party is full", violation=False)
        mine = self._enter(party, device, new, now, cpss_id)
        return party, party.tell(events.MEMBERS_CREATED, mine, members=[mine.created_entry()])

    @rests_on(facts.JOIN_AGAIN, facts.MEMBERS_UPDATED)
    def _again(self, party: Party, known: Member, new: NewMember) -> list[Delivery]:
        """Handle a second join. Refuse it, or update the existing entry."""
        if self._ways.of(facts.JOIN_AGAIN) == "409":
            raise Refused(409, f"{known.device.peer} is in that very party", violation=False)
        known.context_id, known.sequence = new.pushContexts[0].contextId, 0
        known.custom_data4 = new.customData4
        return party.tell(events.MEMBERS_UPDATED, known, members=[known.full_entry("number")])

    @rests_on(facts.CONTEXT, facts.JOIN_ORDER)
    def _enter(self, party: Party, device: Device, new: NewMember, now: float, cpss_id: str = "") -> Member:
        party.joined += 1
        member = Member(
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

    @rests_on(facts.LEAVE, facts.ENDS)
    def leave(self, session_id: str, device: Device) -> list[Delivery]:
        party, member = self.member(session_id, device)
        return self._out(party, member, member, events.MEMBER_LEFT)

    @rests_on(facts.KICK, facts.KICK_WHO)
    def kick(self, session_id: str, by: Device, account_id: str) -> list[Delivery]:
        """Remove an account's devices in the name of `by`, whose own device stays."""
        party, host = self.member(session_id, by)
        if self._ways.of(facts.KICK_WHO) == "owner" and party.owner != by.key:
            raise Refused(403, f"{by.peer} is not the owner and takes somebody out")
        found = [member for member in party.of_account(account_id) if member is not host]
        if not found:
            raise Refused(404, f"{account_id[:24]!r} is not in the party", violation=False)
        return [told for member in found for told in self._out(party, member, host, events.KICKED_OUT)]

    @rests_on(facts.LEFT_CAUSE, facts.LEFT_CAUSE_PLACE)
    def _out(self, party: Party, member: Member, sender: Member, cause: str) -> list[Delivery]:
        """Remove one entry, and notify everybody, including itself."""
        properties = {"leftEventCause": cause}
        if self._ways.of(facts.LEFT_CAUSE_PLACE) == "entry":
            entry = member.entry(customProperties=properties)
            told = party.tell(events.MEMBERS_DELETED, sender, members=[entry])
        else:
            told = party.tell(events.MEMBERS_DELETED, sender, members=[member.entry()], properties=properties)
        del party.members[member.device.key]
        if not party.members:
            del self.by_id[party.session_id]
            ended = {"deletedEvenCause": events.LAST_MEMBER_LEFT}
            return [*told, party.tell_one(events.PARTY_DELETED, member, member, properties=ended)]
        if party.owner == member.device.key:
            told += self._inherit(party)
        return told

    @rests_on(facts.OWNER, facts.HEIR)
    def _inherit(self, party: Party) -> list[Delivery]:
        heir = min(party.members.values(), key=lambda m: m.join_order)
        party.owner = heir.device.key
        return party.tell(events.OWNER_UPDATED, heir, owner=party.owner_entry(device=True))

    @rests_on(facts.END_EVENT)
    def end(self, session_id: str, cause: str) -> list[Delivery]:
        """End a party for all its members at once."""
        party = self.find(session_id)
        members = list(party.members.values())
        sender = party.members.get(party.owner, members[0])
        del self.by_id[session_id]
        way = self._ways.of(facts.END_EVENT)
        kinds = {"outside": (events.PARTY_DELETED,), "inside": (events.PARTY_DELETED_INSIDE,)}.get(
            way, (events.PARTY_DELETED_INSIDE, events.PARTY_DELETED)
        )
        return [told for kind in kinds for told in party.tell(kind, sender, properties={"deletedEvenCause": cause})]

    # --- changes ---------------------------------------------------------------------------------

    @rests_on(facts.CUSTOM_DATA4, facts.VOICE_CHAT)
    def change_member(self, session_id: str, device: Device, change: ChangeMember) -> list[Delivery]:
        party, member = self.member(session_id, device)
        if change == ChangeMember():
            raise bad_request("nothing that can be changed of a member")
        told = []
        if change.customData3 is not None:
            member.custom_data3 = change.customData3
            entry = member.entry(customData3=change.customData3)
            told += party.tell(events.CUSTOM_DATA3_UPDATED, member, members=[entry])
        if change.customData4 is not None:
            member.custom_data4 = change.customData4
            entry = member.entry(customData4=change.customData4)
            told += party.tell(events.CUSTOM_DATA4_UPDATED, member, members=[entry])
        if change.voiceChatActivated is not None:
            member.voice_chat = change.voiceChatActivated
            entry = member.entry(voiceChatActivated=change.voiceChatActivated)
            told += party.tell(events.VOICE_CHAT_UPDATED, member, members=[entry])
        return told

    @rests_on(facts.CHANGE)
    def change_party(self, session_id: str, device: Device, change: ChangeParty) -> list[Delivery]:
        party, member = self.member(session_id, device)
        told = []
        if change.sessionName is not None:
            party.name = change.sessionName
            told += party.tell(events.NAME_UPDATED, member, sessionName=party.name)
        if change.visibilityType is not None:
            party.visibility = change.visibilityType
            told += party.tell(events.VISIBILITY_UPDATED, member, visibilityType=party.visibility)
        if change.joinableUserType is not None:
            party.joinable_by = change.joinableUserType
            told += party.tell(events.JOINABLE_UPDATED, member, joinableUserType=party.joinable_by)
        if change.maxMembers is not None:
            if not len(party.members) <= change.maxMembers <= MOST_MEMBERS:
                raise bad_request(f"maxMembers {change.maxMembers} does not fit")
            party.max_members = change.maxMembers
            told += party.tell(events.MOST_UPDATED, member, maxMembers=party.max_members)
        if not told:
            raise bad_request("nothing that can be changed of a party")
        return told

    @rests_on(facts.INVITE, facts.INVITED_EVENT)
    def invite(self, session_id: str, device: Device, invited: Iterable[tuple[str, str]]) -> list[Delivery]:
        """Invite (account id, online id) pairs."""
        party, member = self.member(session_id, device)
        told = []
        for account_id, online_id in invited:
            party.invited.add(account_id)
            told.append(
                events.delivery(
                    events.INVITED,
                    to=(account_id, online_id, "MOBILE_APP"),
                    sender=member.entry(),
                    session_id=session_id,
                )
            )
        return told
