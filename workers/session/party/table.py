"""Table of the party's members, a pure state machine fed by REST snapshots and push events.

It expects events in order (by `common.psn.party.push.Order`) and needs no clock. A snapshot is older than
the events that came after its request. Apply those events again on top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar

import msgspec

from common.messages import Member, PushEvent, peer_key
from common.psn.party import sessions
from common.psn.party.customdata import BadCustomData, CustomData4, decode4
from common.psn.party.push import event_name
from common.psn.party.sessions import Party, PartyMember
from common.psn.shapes import as_dict, as_list, as_name, as_text
from workers.session.end_reasons import End, party_ended, taken_out

_LONGEST_VERSION = 20
_NOTHING = CustomData4(fields=())
ME = "me"
"""REST may name us so in our own entry [seen]."""


class Outcome(Enum):
    """What an event did to the table."""

    NOTHING = "nothing"
    CHANGED = "changed"
    ENDED = "ended"
    """The party is over."""
    KICKED = "kicked"
    """Our own entry was deleted."""


class PartyTable:
    """The members of one party. `reason` says in a sentence why it ended, `end` in one word."""

    def __init__(self, session_id: str, account_id: str, platform: str) -> None:
        self.session_id = session_id
        self.name = ""
        self.open: bool | None = None
        self.reason = ""
        self.end: End = ""
        self._account_id = account_id
        self._platform = platform
        self._owner = ("", "")
        """Account id and platform. The platform is empty if it was not reported."""
        self._members: dict[str, Member] = {}

    @property
    def me(self) -> str:
        """Our own peer key."""
        return peer_key(self._account_id, self._platform)

    @property
    def members(self) -> tuple[Member, ...]:
        """All members with us, in the order in which they joined (as far as known)."""
        return tuple(sorted(self._members.values(), key=lambda m: (m.join_order, m.joined_at, m.peer)))

    @property
    def has_me(self) -> bool:
        return self.me in self._members

    def is_mine(self, entry: PartyMember) -> bool:
        return self._key(entry) == self.me

    @property
    def nameless(self) -> list[str]:
        """Account ids of members whose online id we do not know."""
        return sorted({member.account_id for member in self._members.values() if not member.online_id})

    def restore(self, name: str, members: tuple[Member, ...]) -> None:
        """Start from the state of an earlier run."""
        self.name = name
        self._members = {member.peer: member for member in members}
        self._owner = next(((member.account_id, member.platform) for member in members if member.is_host), ("", ""))

    def snapshot(self, party: Party) -> bool:
        """Replace the table by the snapshot. OnlineIds and states that it omits are kept. Return whether it changed."""
        before = (self.name, self.open, self._members)
        self.name = party.name
        self.open = self.open if party.open is None else party.open
        if party.owner or party.owner_name:
            owner = party.owner or self._account_of(party.owner_name, party.members)
            devices = {self._identity(entry) for entry in party.members}
            self._owner = _owner_among(devices, owner, party.owner_platform)
        self._members = {
            member.peer: member for entry in party.members for member in [self._merged(entry)] if member is not None
        }
        return before != (self.name, self.open, self._members)

    def note(self, entries: tuple[PartyMember, ...]) -> None:
        """Merge the entries of an answer. Nobody is removed."""
        for entry in entries:
            member = self._merged(entry)
            if member is not None:
                self._members[member.peer] = member

    def name_members(self, names: dict[str, str]) -> bool:
        """Fill in online ids by account id. Return whether anything changed."""
        changed = False
        for peer, member in list(self._members.items()):
            online_id = names.get(member.account_id, "")
            if online_id and online_id != member.online_id:
                self._members[peer] = msgspec.structs.replace(member, online_id=online_id)
                changed = True
        return changed

    def apply(self, event: PushEvent) -> Outcome:
        """Apply one event. Events of other parties and unknown events do nothing."""
        if event.session_id.lower() != self.session_id.lower():
            return Outcome.NOTHING
        read = self.READS.get(event_name(event.data_type))
        if read is None:
            return Outcome.NOTHING
        before = (self.name, self.open, self._owner, dict(self._members))
        over = read(self, event)
        if over is not None:
            return over
        return Outcome.NOTHING if before == (self.name, self.open, self._owner, self._members) else Outcome.CHANGED

    # --- inside -----------------------------------------------------------------------------------

    def _party_deleted(self, event: PushEvent) -> Outcome:
        cause = as_text(as_dict(event.data.get("customProperties")).get("deletedEvenCause"))
        self.reason, self.end = party_ended(cause), "ended"
        return Outcome.ENDED

    def _members_deleted(self, event: PushEvent) -> Outcome | None:
        """Remove the event's members. The party is over for us if our own entry is among them."""
        gone = {self._key(entry): entry for entry in sessions.read_members(event.data.get("members"))}
        for peer in gone:
            self._members.pop(peer, None)
        mine = gone.get(self.me)
        if mine is None:
            return None
        self.reason, self.end = taken_out(self._cause(event, mine), self._sender(event))
        return Outcome.KICKED

    def _renamed(self, event: PushEvent) -> None:
        self.name = as_name(event.data.get("sessionName"))

    def _opened(self, event: PushEvent) -> None:
        self.open = sessions.read_open(event.data.get("joinableUserType"))

    def _cause(self, event: PushEvent, entry: PartyMember) -> str:
        """Return the `leftEventCause` of the entry or of the event [read], or ""."""
        properties = as_dict(event.data.get("customProperties"))
        return entry.left_cause or as_text(properties.get("leftEventCause"))

    def _sender(self, event: PushEvent) -> str:
        """Return the name of the event's sender, or "" for us and for nobody."""
        if event.from_account_id in ("", self._account_id):
            return ""
        told = as_dict(as_dict(event.data.get("customProperties")).get("from")).get("onlineId")
        known = next((m.online_id for m in self._members.values() if m.account_id == event.from_account_id), "")
        return known or as_text(told) or event.from_account_id

    def _members_told(self, event: PushEvent) -> None:
        """Merge complete entries, which may add members."""
        self.note(sessions.read_members(event.data.get("members")))

    def _state_told(self, event: PushEvent) -> None:
        """Merge partial entries. They add no members, since one may be late for a member who left."""
        entries = sessions.read_members(event.data.get("members"))
        self.note(tuple(entry for entry in entries if self._key(entry) in self._members))

    def _owner_updated(self, event: PushEvent) -> None:
        owner, platform, online_id = sessions.read_owner(_owner_of(event.data))
        owner = owner or self._account_of(online_id, ())
        devices = {(member.account_id, member.platform) for member in self._members.values()}
        self._owner = _owner_among(devices, owner, platform) if owner else self._owner
        self._members = {
            peer: msgspec.structs.replace(member, is_host=self._owns(member.account_id, member.platform))
            for peer, member in self._members.items()
        }

    def _owns(self, account_id: str, platform: str) -> bool:
        return self._owner[0] == account_id and self._owner[1] in ("", platform)

    def _key(self, entry: PartyMember) -> str:
        return peer_key(*self._identity(entry))

    def _identity(self, entry: PartyMember) -> tuple[str, str]:
        account_id = self._account_id if entry.account_id == ME else entry.account_id
        mine = entry.platform == ME or (not entry.platform and account_id == self._account_id)
        return account_id, self._platform if mine else entry.platform

    def _merged(self, entry: PartyMember) -> Member | None:
        account_id, platform = self._identity(entry)
        if not account_id.isdecimal():
            return None
        peer = peer_key(account_id, platform)
        known = self._members.get(peer)
        told = _told4(entry.custom_data4)
        return Member(
            account_id=account_id,
            platform=platform,
            online_id=entry.online_id or (known.online_id if known else ""),
            is_host=self._owns(account_id, platform),
            is_me=peer == self.me,
            muted=known.muted if told.muted is None and known else told.muted,
            joined_at=entry.joined_at or (known.joined_at if known else 0.0),
            join_order=entry.join_order or (known.join_order if known else 0),
            app_version=told.version[:_LONGEST_VERSION] or (known.app_version if known else ""),
            place_1=told.place_1 or (known.place_1 if known else ""),
        )

    def _account_of(self, online_id: str, entries: tuple[PartyMember, ...]) -> str:
        known = {member.online_id: member.account_id for member in self._members.values()}
        known |= {entry.online_id: entry.account_id for entry in entries}
        return known.get(online_id, "") if online_id else ""

    READS: ClassVar[Mapping[str, Callable[[PartyTable, PushEvent], Outcome | None]]] = {
        "partySession:deleted": _party_deleted,
        "members:created": _members_told,
        "members:updated": _members_told,
        "members:deleted": _members_deleted,
        "owner:updated": _owner_updated,
        "sessionName:updated": _renamed,
        "joinableUserType:updated": _opened,
        "m:customData4:updated": _state_told,
    }
    """Event name (`common.psn.party.push.event_name`) → its reader, for all that the table takes from push.
    A test compares it with notes/push.md."""


def _told4(custom_data4: str) -> CustomData4:
    """Return what a member reports about itself, or `_NOTHING` without readable data."""
    try:
        return decode4(custom_data4) if custom_data4 else _NOTHING
    except BadCustomData:
        return _NOTHING


def _owner_among(devices: set[tuple[str, str]], account_id: str, platform: str) -> tuple[str, str]:
    """Return the owner's account and platform, without the platform if no such device is known."""
    return (account_id, platform) if (account_id, platform) in devices else (account_id, "")


def _owner_of(data: dict[str, Any]) -> Any:
    """Return the new owner from an event, whichever field names it [open]."""
    members = as_list(data.get("members"))
    return data.get("owner") or data.get("leader") or (members[0] if members else None)
