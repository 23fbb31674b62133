"""How members and parties go: leave, kick, end. Each returns its events. No I/O, no clock."""

from __future__ import annotations

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.facts.ways import Ways
from simulator.parties import events
from simulator.parties.events import Delivery
from simulator.parties.party import Device, SimulatedMember, SimulatedParty
from simulator.parties.register import PartyRegister
from simulator.shared.refusals import Refused


class Departures:
    """Removes members and parties from the register."""

    def __init__(self, parties: PartyRegister, ways: Ways) -> None:
        self._parties = parties
        self._ways = ways

    @rests_on(facts.LEAVE, facts.ENDS)
    def leave(self, session_id: str, device: Device) -> list[Delivery]:
        party, member = self._parties.member(session_id, device)
        return self._remove(party, member, member, events.MEMBER_LEFT)

    @rests_on(facts.KICK, facts.KICK_WHO)
    def kick(self, session_id: str, by: Device, account_id: str) -> list[Delivery]:
        """Remove an account's devices in the name of `by`, whose own device stays."""
        party, host = self._parties.member(session_id, by)
        if self._ways.of(facts.KICK_WHO) == "owner" and party.owner != by.key:
            raise Refused(403, f"{by.peer} is not the owner and takes somebody out")
        found = [member for member in party.of_account(account_id) if member is not host]
        if not found:
            raise Refused(404, f"{account_id[:24]!r} is not in the party", violation=False)
        return [told for member in found for told in self._remove(party, member, host, events.KICKED_OUT)]

    @rests_on(facts.LEFT_CAUSE, facts.LEFT_CAUSE_PLACE)
    def _remove(
        self, party: SimulatedParty, member: SimulatedMember, sender: SimulatedMember, cause: str
    ) -> list[Delivery]:
        """Remove one entry, and notify everybody, including itself."""
        properties = {"leftEventCause": cause}
        if self._ways.of(facts.LEFT_CAUSE_PLACE) == "entry":
            entry = member.entry(customProperties=properties)
            told = party.tell(events.MEMBERS_DELETED, sender, members=[entry])
        else:
            told = party.tell(events.MEMBERS_DELETED, sender, members=[member.entry()], properties=properties)
        del party.members[member.device.key]
        if not party.members:
            del self._parties.by_id[party.session_id]
            ended = {"deletedEvenCause": events.LAST_MEMBER_LEFT}
            return [*told, party.tell_one(events.PARTY_DELETED, member, member, properties=ended)]
        if party.owner == member.device.key:
            told += self._inherit(party)
        return told

    @rests_on(facts.OWNER, facts.HEIR)
    def _inherit(self, party: SimulatedParty) -> list[Delivery]:
        heir = min(party.members.values(), key=lambda m: m.join_order)
        party.owner = heir.device.key
        return party.tell(events.OWNER_UPDATED, heir, owner=party.owner_entry(device=True))

    @rests_on(facts.END_EVENT)
    def end(self, session_id: str, cause: str) -> list[Delivery]:
        """End a party for all its members at once."""
        party = self._parties.find(session_id)
        members = list(party.members.values())
        sender = party.members.get(party.owner, members[0])
        del self._parties.by_id[session_id]
        way = self._ways.of(facts.END_EVENT)
        kinds = {"outside": (events.PARTY_DELETED,), "inside": (events.PARTY_DELETED_INSIDE,)}.get(
            way, (events.PARTY_DELETED_INSIDE, events.PARTY_DELETED)
        )
        return [told for kind in kinds for told in party.tell(kind, sender, properties={"deletedEvenCause": cause})]
