"""What a push event concerns, read once for all parts but the table of members. No I/O.

`workers.session.party.table_events` reads the events of the party that we are in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.messages import PushEvent
from common.psn.party.push import event_name


@dataclass(frozen=True)
class EventKind:
    """The kind of a push event."""

    outside: bool
    """Whether it is about a party as it is seen from outside."""
    party_deleted: bool
    """Whether a party ended, ours or one that we were invited into."""
    invitation: Literal["", "created", "deleted", "other"]
    """What happened to an invitation. Empty if the event is not about one."""


def kind_of(event: PushEvent) -> EventKind:
    """Return the kind. The dataType of an invitation is [open], so every one that names invitations counts."""
    name = event_name(event.data_type)
    invitation: Literal["", "created", "deleted", "other"] = ""
    if "nvitation" in name:
        invitation = "created" if name.endswith("created") else "deleted" if name.endswith("deleted") else "other"
    return EventKind(
        outside="outside:" in event.data_type, party_deleted=name == "partySession:deleted", invitation=invitation
    )
