"""The push events that change the table of members. No I/O, no clock.

Events are expected in order (by `common.psn.party.push.Order`). A snapshot is older than the events that came after its
request. Apply those events again on top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar

from common.messages import PushEvent
from common.psn.party import sessions
from common.psn.party.push import event_name
from common.psn.party.sessions import PartyMember
from common.psn.shapes import as_dict, as_list, as_name, as_text
from workers.session.end_reasons import End, party_ended, removed
from workers.session.party.table import PartyTable


class TableChange(Enum):
    """What an event did to the table."""

    NOTHING = "nothing"
    CHANGED = "changed"
    ENDED = "ended"
    """The party is over."""
    KICKED = "kicked"
    """Our own entry was deleted."""


class TableEvents:
    """Applies events to a table. `reason` says in a sentence why the party ended, `end` in one word."""

    def __init__(self, table: PartyTable) -> None:
        self._table = table
        self.reason = ""
        self.end: End = ""

    def apply(self, event: PushEvent) -> TableChange:
        """Apply one event. Events of other parties and unknown events do nothing."""
        if event.session_id.lower() != self._table.session_id.lower():
            return TableChange.NOTHING
        read = self.READS.get(event_name(event.data_type))
        if read is None:
            return TableChange.NOTHING
        before = self._table.content
        over = read(self, event)
        if over is not None:
            return over
        return TableChange.NOTHING if before == self._table.content else TableChange.CHANGED

    def clear_end(self) -> None:
        """Forget the end, because the server lists us."""
        self.reason, self.end = "", ""

    # --- inside -----------------------------------------------------------------------------------

    def _on_party_deleted(self, event: PushEvent) -> TableChange:
        cause = as_text(as_dict(event.data.get("customProperties")).get("deletedEvenCause"))
        self.reason, self.end = party_ended(cause), "ended"
        return TableChange.ENDED

    def _on_members_deleted(self, event: PushEvent) -> TableChange | None:
        """Remove the event's members. The party is over for us if our own entry is among them."""
        mine = self._table.remove(sessions.read_members(event.data.get("members")))
        if mine is None:
            return None
        self.reason, self.end = removed(_cause(event, mine), self._sender(event))
        return TableChange.KICKED

    def _on_renamed(self, event: PushEvent) -> None:
        self._table.name = as_name(event.data.get("sessionName"))

    def _on_visibility(self, event: PushEvent) -> None:
        self._table.open = sessions.read_open(event.data.get("joinableUserType"))

    def _on_members(self, event: PushEvent) -> None:
        self._table.merge(sessions.read_members(event.data.get("members")))

    def _on_custom_data4(self, event: PushEvent) -> None:
        self._table.update(sessions.read_members(event.data.get("members")))

    def _on_owner(self, event: PushEvent) -> None:
        self._table.set_owner(*sessions.read_owner(_owner_of(event.data)))

    def _sender(self, event: PushEvent) -> str:
        """Return the name of the event's sender, or "" for us and for nobody."""
        if event.from_account_id in ("", self._table.own.account_id):
            return ""
        sender = as_dict(as_dict(event.data.get("customProperties")).get("from"))
        known = next((m.online_id for m in self._table.members if m.account_id == event.from_account_id), "")
        return known or as_text(sender.get("onlineId")) or event.from_account_id

    READS: ClassVar[Mapping[str, Callable[[TableEvents, PushEvent], TableChange | None]]] = {
        "partySession:deleted": _on_party_deleted,
        "members:created": _on_members,
        "members:updated": _on_members,
        "members:deleted": _on_members_deleted,
        "owner:updated": _on_owner,
        "sessionName:updated": _on_renamed,
        "joinableUserType:updated": _on_visibility,
        "m:customData4:updated": _on_custom_data4,
    }
    """Event name (`common.psn.party.push.event_name`) → its reader, for all that the table takes from push.
    A test compares it with notes/push.md."""


def _cause(event: PushEvent, entry: PartyMember) -> str:
    """Return the `leftEventCause` of the entry or of the event [read], or ""."""
    properties = as_dict(event.data.get("customProperties"))
    return entry.left_cause or as_text(properties.get("leftEventCause"))


def _owner_of(data: dict[str, Any]) -> Any:
    """Return the new owner from an event, whichever field names it [open]."""
    members = as_list(data.get("members"))
    return data.get("owner") or data.get("leader") or (members[0] if members else None)
