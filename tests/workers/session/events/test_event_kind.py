from __future__ import annotations

import pytest

from tests.workers.session.party.made import event
from workers.session.events.event_kind import EventKind, kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v2:ps:members:created", EventKind(outside=False, party_deleted=False, invitation="")),
        ("v2:partySession:deleted", EventKind(outside=False, party_deleted=True, invitation="")),
        ("outside:v2:partySession:deleted", EventKind(outside=True, party_deleted=True, invitation="")),
        ("outside:v2:ps:visibilityType:updated", EventKind(outside=True, party_deleted=False, invitation="")),
        ("outside:v2:ps:invitations:created", EventKind(outside=True, party_deleted=False, invitation="created")),
        ("v2:ps:partySessionInvitation:deleted", EventKind(outside=False, party_deleted=False, invitation="deleted")),
        ("v2:ps:invitations:updated", EventKind(outside=False, party_deleted=False, invitation="other")),
    ],
)
def test_an_event_concerns_what_its_name_says(name: str, kind: EventKind) -> None:
    assert kind_of(event(name)) == kind
