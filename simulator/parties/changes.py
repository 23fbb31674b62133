"""Changes of parties and members, and invitations. Each returns its events. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.parties import events
from simulator.parties.bodies import ChangeMember, ChangeParty
from simulator.parties.events import Delivery
from simulator.parties.party import Device
from simulator.parties.register import MOST_MEMBERS, PartyRegister
from simulator.shared.refusals import bad_request


class Changes:
    """Changes the parties of the register."""

    def __init__(self, parties: PartyRegister) -> None:
        self._parties = parties

    @rests_on(facts.CUSTOM_DATA4, facts.VOICE_CHAT)
    def change_member(self, session_id: str, device: Device, change: ChangeMember) -> list[Delivery]:
        party, member = self._parties.member(session_id, device)
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
        party, member = self._parties.member(session_id, device)
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
        party, member = self._parties.member(session_id, device)
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
