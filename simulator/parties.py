"""All parties: create, join, leave, change, invite. No I/O, no clock; each change returns the events to push."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable

from simulator import events
from simulator.bodies import ChangeMember, ChangeParty, NewMember, NewParty
from simulator.events import Delivery
from simulator.party import ANYONE, Device, Key, Member, Party
from simulator.refusals import Refused, bad_request, not_a_member

MOST_MEMBERS = 16


class Parties:
    def __init__(self) -> None:
        self.by_id: dict[str, Party] = {}
        self.lists_invitations = True
        """False: invitations come by push only, as was seen."""

    def find(self, session_id: str) -> Party:
        party = self.by_id.get(session_id)
        if party is None:
            raise Refused(404, f"there is no party {session_id[:40]!r}", violation=False)
        return party

    def by_link(self, cpss_id: str) -> Party | None:
        return next((party for party in self.by_id.values() if party.cpss_id == cpss_id), None)

    def of_member(self, key: Key) -> Party | None:
        return next((party for party in self.by_id.values() if key in party.members), None)

    def member(self, session_id: str, device: Device) -> tuple[Party, Member]:
        """Return party and own entry; raises `Refused` (404, or 403 for those who are not in it)."""
        party = self.find(session_id)
        member = party.members.get(device.key)
        if member is None:
            raise not_a_member(f"{device.peer} is not in the party")
        return party, member

    def visible_to(self, device: Device, listed: Iterable[str]) -> list[Party]:
        """Return the parties that one is in or may join."""
        wanted = set(listed)
        return [
            party
            for party in self.by_id.values()
            if device.key in party.members
            or device.account_id in party.invited
            or party.joinable_by == ANYONE
            or party.session_id in wanted
        ]

    # --- come and go -----------------------------------------------------------------------------

    def create(  # noqa: PLR0913  # the two ids are for the demo, whose link is the same in every run
        self, device: Device, new: NewParty, member: NewMember, now: float, *, session_id: str = "", cpss_id: str = ""
    ) -> tuple[Party, list[Delivery]]:
        self._check_free(device, session_id)
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

    def join(
        self, session_id: str, device: Device, new: NewMember, now: float, *, cpss_id: str = ""
    ) -> tuple[Party, list[Delivery]]:
        """Join; who is in it already keeps the one entry, and nobody is told again."""
        party = self.find(session_id)
        if cpss_id and cpss_id != party.cpss_id:
            raise bad_request("X-PSN-SESSION-MANAGER-CPSS-ID is not the id of that party's link")
        known = party.members.get(device.key)
        if known is not None:
            known.context_id, known.sequence = new.pushContexts[0].contextId, 0
            known.custom_data4 = new.customData4
            return party, []
        self._check_free(device, session_id)
        if party.joinable_by != ANYONE and not cpss_id and device.account_id not in party.invited:
            raise Refused(403, "the party is for invited people, and no link's id was sent")
        if len(party.members) >= party.max_members:
            raise Refused(403, "the party is full", violation=False)
        mine = self._enter(party, device, new, now)
        return party, party.tell(events.MEMBERS_CREATED, mine, members=[mine.created_entry()])

    def _enter(self, party: Party, device: Device, new: NewMember, now: float) -> Member:
        party.joined += 1
        member = Member(
            device=device,
            join_order=party.joined,
            joined_ms=int(now * 1000),
            context_id=new.pushContexts[0].contextId,
            custom_data3=new.customData3,
            custom_data4=new.customData4,
            voice_chat=new.voiceChatActivated,
        )
        party.members[device.key] = member
        party.invited.discard(device.account_id)
        return member

    def _check_free(self, device: Device, session_id: str) -> None:
        """Refuse who is still elsewhere: a half-open membership blocks the next try [seen: chiaki]."""
        present = self.of_member(device.key)
        if present is not None and present.session_id != session_id:
            raise Refused(409, f"{device.peer} is still in another party")

    def leave(self, session_id: str, device: Device) -> list[Delivery]:
        party, member = self.member(session_id, device)
        told = party.tell(events.MEMBERS_DELETED, member, members=[member.entry()])
        del party.members[device.key]
        if not party.members:
            del self.by_id[party.session_id]
            cause = {"deletedEvenCause": events.LAST_MEMBER_LEFT}
            return [*told, party.tell_one(events.PARTY_DELETED, member, member, properties=cause)]
        if party.owner == device.key:
            heir = min(party.members.values(), key=lambda m: m.join_order)
            party.owner = heir.device.key
            told += party.tell(events.OWNER_UPDATED, heir, members=[heir.entry()])
        return told

    def kick(self, session_id: str, device: Device, by: Key) -> list[Delivery]:
        """Take a member out in the name of another one; how the real one puts it is [open]."""
        party = self.find(session_id)
        host = party.members.get(by)
        told = self.leave(session_id, device)
        if host is None or by == device.key:
            return told
        for one in told:
            if one.frame["dataType"].endswith(events.MEMBERS_DELETED):
                one.frame["body"]["data"]["customProperties"]["from"] = host.entry()
        return told

    def end(self, session_id: str, cause: str) -> list[Delivery]:
        """End a party for all its members at once."""
        party = self.find(session_id)
        members = list(party.members.values())
        sender = party.members.get(party.owner, members[0])
        del self.by_id[session_id]
        return party.tell(events.PARTY_DELETED, sender, properties={"deletedEvenCause": cause})

    # --- changes ---------------------------------------------------------------------------------

    def change_member(self, session_id: str, device: Device, change: ChangeMember) -> list[Delivery]:
        party, member = self.member(session_id, device)
        if change.customData3 is None and change.customData4 is None:
            raise bad_request("nothing that can be changed of a member")
        told = []
        if change.customData3 is not None:
            member.custom_data3 = change.customData3
            entry = member.entry(customData3=change.customData3)
            told += party.tell("v2:ps:m:customData3:updated", member, members=[entry])
        if change.customData4 is not None:
            member.custom_data4 = change.customData4
            entry = member.entry(customData4=change.customData4)
            told += party.tell("v2:ps:m:customData4:updated", member, members=[entry])
        return told

    def change_party(self, session_id: str, device: Device, change: ChangeParty) -> list[Delivery]:
        party, member = self.member(session_id, device)
        told = []
        if change.sessionName is not None:
            party.name = change.sessionName
            told += party.tell("v2:ps:sessionName:updated", member, sessionName=party.name)
        if change.visibilityType is not None:
            party.visibility = change.visibilityType
            told += party.tell("v2:ps:visibilityType:updated", member, visibilityType=party.visibility)
        if change.joinableUserType is not None:
            party.joinable_by = change.joinableUserType
            told += party.tell("v2:ps:joinableUserType:updated", member, joinableUserType=party.joinable_by)
        if change.maxMembers is not None:
            if not len(party.members) <= change.maxMembers <= MOST_MEMBERS:
                raise bad_request(f"maxMembers {change.maxMembers} does not fit")
            party.max_members = change.maxMembers
            told += party.tell("v2:ps:maxMembers:updated", member, maxMembers=party.max_members)
        if not told:
            raise bad_request("nothing that can be changed of a party")
        return told

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
