"""Table of the party's members. No I/O, no clock.

REST snapshots replace it. Push events change it (`workers.session.party.table_events`).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from common.messages import Member, peer_key
from common.psn.party.customdata import BadCustomData, CustomData4, decode4
from common.psn.party.sessions import Party, PartyMember
from workers.session.party.own_device import OwnDevice

_LONGEST_VERSION = 20
_NOTHING = CustomData4(fields=())


class PartyTable:
    """The members of one party, its name and who may join."""

    def __init__(self, session_id: str, own: OwnDevice) -> None:
        self.session_id = session_id
        self.own = own
        self.name = ""
        self.open: bool | None = None
        self._owner = ("", "")
        """Account id and platform. The platform is empty if it was not reported."""
        self._members: dict[str, Member] = {}

    @property
    def members(self) -> tuple[Member, ...]:
        """All members with us, in the order in which they joined (as far as known)."""
        return tuple(sorted(self._members.values(), key=lambda m: (m.join_order, m.joined_at, m.peer)))

    @property
    def has_me(self) -> bool:
        return self.own.key in self._members

    @property
    def nameless(self) -> list[str]:
        """Account ids of members whose online id we do not know."""
        return sorted({member.account_id for member in self._members.values() if not member.online_id})

    @property
    def content(self) -> tuple[object, ...]:
        """All that the table says, to compare it before and after a change."""
        return self.name, self.open, self._owner, dict(self._members)

    def restore(self, name: str, members: tuple[Member, ...]) -> None:
        """Start from the state of an earlier run."""
        self.name = name
        self._members = {member.peer: member for member in members}
        self._owner = next(((member.account_id, member.platform) for member in members if member.is_host), ("", ""))

    def snapshot(self, party: Party) -> bool:
        """Replace the table by the snapshot. Names and states that it omits are kept. Return whether it changed."""
        before = (self.name, self.open, self._members)
        self.name = party.name
        self.open = self.open if party.open is None else party.open
        if party.owner or party.owner_name:
            owner = party.owner or self._account_of(party.owner_name, party.members)
            devices = {self.own.identity(entry) for entry in party.members}
            self._owner = _owner_among(devices, owner, party.owner_platform)
        self._members = {
            member.peer: member for entry in party.members for member in [self._merged(entry)] if member is not None
        }
        return before != (self.name, self.open, self._members)

    def merge(self, entries: Iterable[PartyMember]) -> None:
        """Merge complete entries, which may add members. Nobody is removed."""
        for entry in entries:
            member = self._merged(entry)
            if member is not None:
                self._members[member.peer] = member

    def update(self, entries: Iterable[PartyMember]) -> None:
        """Merge partial entries. They add no members, since one may be late for a member who left."""
        self.merge([entry for entry in entries if self.own.peer_of(entry) in self._members])

    def remove(self, entries: Iterable[PartyMember]) -> PartyMember | None:
        """Remove members. Return our own entry if it is among them."""
        gone = {self.own.peer_of(entry): entry for entry in entries}
        for peer in gone:
            self._members.pop(peer, None)
        return gone.get(self.own.key)

    def add_names(self, names: dict[str, str]) -> bool:
        """Fill in online ids by account id. Return whether anything changed."""
        changed = False
        for peer, member in list(self._members.items()):
            online_id = names.get(member.account_id, "")
            if online_id and online_id != member.online_id:
                self._members[peer] = msgspec.structs.replace(member, online_id=online_id)
                changed = True
        return changed

    def set_owner(self, account_id: str, platform: str, online_id: str) -> None:
        """Set the owner, who may be named by account id or online id. An unknown one changes nothing."""
        owner = account_id or self._account_of(online_id, ())
        if owner:
            devices = {(member.account_id, member.platform) for member in self._members.values()}
            self._owner = _owner_among(devices, owner, platform)
        self._members = {
            peer: msgspec.structs.replace(member, is_host=self._is_owner(member.account_id, member.platform))
            for peer, member in self._members.items()
        }

    # --- inside -----------------------------------------------------------------------------------

    def _is_owner(self, account_id: str, platform: str) -> bool:
        return self._owner[0] == account_id and self._owner[1] in ("", platform)

    def _merged(self, entry: PartyMember) -> Member | None:
        """Return the member of `entry`, with what the table knows and `entry` omits."""
        account_id, platform = self.own.identity(entry)
        if not account_id.isdecimal():
            return None
        peer = peer_key(account_id, platform)
        known = self._members.get(peer)
        reported = _reported4(entry.custom_data4)
        return Member(
            account_id=account_id,
            platform=platform,
            online_id=entry.online_id or (known.online_id if known else ""),
            is_host=self._is_owner(account_id, platform),
            is_me=peer == self.own.key,
            muted=known.muted if reported.muted is None and known else reported.muted,
            joined_at=entry.joined_at or (known.joined_at if known else 0.0),
            join_order=entry.join_order or (known.join_order if known else 0),
            app_version=reported.version[:_LONGEST_VERSION] or (known.app_version if known else ""),
            place_1=reported.place_1 or (known.place_1 if known else ""),
        )

    def _account_of(self, online_id: str, entries: tuple[PartyMember, ...]) -> str:
        known = {member.online_id: member.account_id for member in self._members.values()}
        known |= {entry.online_id: entry.account_id for entry in entries}
        return known.get(online_id, "") if online_id else ""


def _reported4(custom_data4: str) -> CustomData4:
    """Return what a member reports about itself, or `_NOTHING` without readable data."""
    try:
        return decode4(custom_data4) if custom_data4 else _NOTHING
    except BadCustomData:
        return _NOTHING


def _owner_among(devices: set[tuple[str, str]], account_id: str, platform: str) -> tuple[str, str]:
    """Return the owner's account and platform, without the platform if no such device is known."""
    return (account_id, platform) if (account_id, platform) in devices else (account_id, "")
