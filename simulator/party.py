"""One party and its members: data, and how both look in answers and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator import events
from simulator.events import Delivery

Key = tuple[str, str]
"""(account id, platform): one device of one person."""

ANYONE = "ANYONE"
"""[open]: how the app spells a party that anybody may join."""
INVITE_ONLY = "INVITE_ONLY"


@dataclass(frozen=True)
class Device:
    """Somebody who acts: an account on one of its platforms."""

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
class Member:
    device: Device
    join_order: int
    joined_ms: int
    context_id: str
    custom_data3: str = ""
    custom_data4: str = ""
    voice_chat: bool = True
    sequence: int = 0
    """Of the last event in this member's context."""

    def entry(self, **more: Any) -> dict[str, Any]:
        """Return the short entry that events carry [seen]."""
        device = self.device
        return {
            "accountId": device.account_id,
            "deviceUniqueId": device.duid,
            "joinOrder": self.join_order,
            "onlineId": device.online_id,
            "platform": device.platform,
            **more,
        }

    def full_entry(self) -> dict[str, Any]:
        return self.entry(
            customData3=self.custom_data3,
            customData4=self.custom_data4,
            isOnShareScreen=False,
            joinTimestamp=self.joined_ms,
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
class Party:
    session_id: str
    cpss_id: str
    name: str
    visibility: str
    joinable_by: str
    max_members: int
    created_ms: int
    owner: Key = ("", "")
    members: dict[Key, Member] = field(default_factory=dict)
    invited: set[str] = field(default_factory=set)
    bridges: list[dict[str, str]] = field(default_factory=list)
    joined: int = 0
    """Members that ever joined: the next joinOrder, less one."""

    def tell(self, kind: str, sender: Member, *, only: list[Key] | None = None, **data: Any) -> list[Delivery]:
        """Return the event for every member (or `only` these), each in its own context."""
        deliveries = []
        for key, member in self.members.items():
            if only is not None and key not in only:
                continue
            deliveries.append(self.tell_one(kind, sender, member, **data))
        return deliveries

    def tell_one(self, kind: str, sender: Member, member: Member, **data: Any) -> Delivery:
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

    def view(self) -> dict[str, Any]:
        """Return the party as its members see it (GET partySessions)."""
        return {
            "sessionId": self.session_id,
            "sessionName": self.name,
            "sessionType": "ROOM",
            "createdTimestamp": str(self.created_ms),
            "maxMembers": self.max_members,
            "visibilityType": self.visibility,
            "joinableUserType": self.joinable_by,
            "owner": self.owner_entry(),
            "members": [member.full_entry() for member in self.members.values()],
            **({"bridges": self.bridges} if self.bridges else {}),
        }

    def summary(self) -> dict[str, Any]:
        """Return the party as bulkGet lists it [seen]."""
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

    def owner_entry(self) -> dict[str, Any]:
        owner = self.members.get(self.owner)
        if owner is None:
            return {}
        device = owner.device
        return {"accountId": device.account_id, "onlineId": device.online_id, "platform": device.platform}

    def shared(self) -> dict[str, Any]:
        """Return the party as its share link shows it to a stranger (tests/wire/party-info.response.json)."""
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
