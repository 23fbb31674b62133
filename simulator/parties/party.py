"""One party and its members, with their form in answers and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.parties import events
from simulator.parties.events import Delivery

Key = tuple[str, str]
"""(account id, platform) of one device of a person."""

FRIENDS: Final = "FRIENDS"
FRIENDS_ONLY: Final = "FRIENDS_ONLY"
INVITE_ONLY: Final = "INVITE_ONLY"
"""`joinableUserType` is `FRIENDS` or `INVITE_ONLY`, `visibilityType` is `FRIENDS_ONLY` or `INVITE_ONLY` [app]."""


@dataclass(frozen=True)
class Device:
    """An account on one of its platforms."""

    account_id: str
    online_id: str
    platform: str
    duid: str = ""

    @property
    def key(self) -> Key:
        return self.account_id, self.platform

    @property
    def peer(self) -> str:
        return f"{self.account_id}.{self.platform}"


@dataclass
class SimulatedMember:
    device: Device
    join_order: int
    joined_ms: int
    context_id: str
    custom_data3: str = ""
    custom_data4: str = ""
    voice_chat: bool = True
    cpss_id: str = ""
    """Id of the share link that it joined by."""
    sequence: int = 0
    """Number of the last event in this member's context. The first one has 1 [app]."""

    @rests_on(facts.JOIN_ORDER)
    def entry(self, **more: Any) -> dict[str, Any]:
        """Return the short entry in events [seen]."""
        device = self.device
        return {
            "accountId": device.account_id,
            "deviceUniqueId": device.duid,
            "joinOrder": self.join_order,
            "onlineId": device.online_id,
            "platform": device.platform,
            **more,
        }

    @rests_on(facts.VIEW_ENTRY, facts.VIEW_TIMESTAMP, facts.CUSTOM_DATA4)
    def full_entry(self, timestamp: str = "string") -> dict[str, Any]:
        """Return the entry of a view. `timestamp` is the way of `VIEW_TIMESTAMP`. An unset customData3 is left out."""
        told = {"customData3": self.custom_data3} if self.custom_data3 else {}
        return self.entry(
            **told,
            customData4=self.custom_data4,
            isOnShareScreen=False,
            joinTimestamp=str(self.joined_ms) if timestamp == "string" else self.joined_ms,
            voiceChatActivated=self.voice_chat,
        )

    def created_entry(self) -> dict[str, Any]:
        """Return the entry of `members:created` [seen]."""
        return self.entry(
            customData4=self.custom_data4,
            isOnShareScreen=False,
            joinTimestamp=self.joined_ms,
            voiceChatActivated=self.voice_chat,
        )


@dataclass
class SimulatedParty:
    session_id: str
    cpss_id: str
    name: str
    visibility: str
    joinable_by: str
    max_members: int
    created_ms: int
    owner: Key = ("", "")
    members: dict[Key, SimulatedMember] = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    bridges: list[dict[str, str]] = field(default_factory=list)
    group_id: str = ""
    """Id of its group, empty for a party without one."""
    joined: int = 0
    """Number of members that ever joined, one less than the next joinOrder."""

    def of_account(self, account_id: str) -> list[SimulatedMember]:
        """Return an account's members, e.g. its phone and its console."""
        return [member for member in self.members.values() if member.device.account_id == account_id]

    def tell(self, kind: str, sender: SimulatedMember, *, only: list[Key] | None = None, **data: Any) -> list[Delivery]:
        """Return the event for every member (or for `only`), each in its own context."""
        deliveries = []
        for key, member in self.members.items():
            if only is not None and key not in only:
                continue
            deliveries.append(self.tell_one(kind, sender, member, **data))
        return deliveries

    def tell_one(self, kind: str, sender: SimulatedMember, member: SimulatedMember, **data: Any) -> Delivery:
        context = None
        if "noSeq" not in kind:
            member.sequence += 1
            context = (member.context_id, member.sequence)
        device = member.device
        return events.delivery(
            kind,
            to=(device.account_id, device.online_id, device.platform),
            sender=sender.entry(),
            session_id=self.session_id,
            context=context,
            **data,
        )

    @rests_on(facts.VIEW_ENTRY)
    def view(self, timestamp: str = "string") -> dict[str, Any]:
        """Return the party's entry in a member's view (tests/wire/view.response.json)."""
        group = {"groupId": self.group_id} if self.group_id else {}
        return {
            "sessionId": self.session_id,
            "sessionType": "GAMING_LOUNGE" if self.group_id else "ROOM",
            **group,
            "createdTimestamp": str(self.created_ms),
            "maxMembers": self.max_members,
            "sessionName": self.name,
            "members": [member.full_entry(timestamp) for member in self.members.values()],
            "owner": self.owner_entry(device=True),
            "bridges": list(self.bridges),
            "joinableUserType": self.joinable_by,
            "visibilityType": self.visibility,
            "partyJoinable": len(self.members) < self.max_members,
            "partyRequestToJoinable": False,
        }

    @rests_on(facts.BULK)
    def summary(self) -> dict[str, Any]:
        """Return the party's entry in bulkGet [seen]."""
        return {
            "sessionId": self.session_id,
            "sessionName": self.name,
            "members": [
                {"accountId": m.device.account_id, "onlineId": m.device.online_id, "platform": m.device.platform}
                for m in self.members.values()
            ],
            "owner": self.owner_entry(),
            "maxMembers": self.max_members,
            "partyJoinable": len(self.members) < self.max_members,
            "partyRequestToJoinable": False,
            "visibilityType": self.visibility,
            "joinableUserType": self.joinable_by,
        }

    def owner_entry(self, *, device: bool = False) -> dict[str, Any]:
        """Return the owner's entry, with `device` in the form of views and `owner:updated` [app]."""
        owner = self.members.get(self.owner)
        if owner is None:
            return {}
        found = {key: owner.entry()[key] for key in ("accountId", "onlineId", "platform")}
        return {**found, "deviceUniqueId": owner.device.duid} if device else found

    @rests_on(facts.SHARE_LINK)
    def shared(self) -> dict[str, Any]:
        """Return the party's entry for its share link, as strangers see it (tests/wire/party-info.response.json)."""
        return {
            "sessionName": self.name,
            "isJoinable": len(self.members) < self.max_members,
            "joinableFrom": ["PS4", "PS5", "MOBILE_APP"],
            "msPollingInterval": 5000,
            "maxMembers": self.max_members,
            "timeStarted": self.created_ms,
            "shareImageUrl": "https://share.example/party.png",
            "inParty": False,
            "members": [
                {
                    "isHost": key == self.owner,
                    "onlineId": "_anonymous_user",
                    "platformId": key[1],
                    "accountId": "0",
                    "isAnonymous": True,
                }
                for key in self.members
            ],
            "sessionId": self.session_id,
        }
