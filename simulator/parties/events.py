"""Push events as they look on the wire (tests/wire/push-*.json)."""

from __future__ import annotations

from typing import Any

import msgspec

PREFIX = "psn:sessionManager:sys:"

PARTY_CREATED = "v2:partySession:created"
PARTY_DELETED = "outside:v2:partySession:deleted"
PARTY_DELETED_INSIDE = "v2:partySession:deleted"
MEMBERS_CREATED = "v2:ps:members:created"
MEMBERS_UPDATED = "v2:ps:members:updated"
MEMBERS_DELETED = "v2:ps:members:deleted"
OWNER_UPDATED = "v2:ps:owner:updated"
VOICE_CHAT_UPDATED = "v2:ps:m:voiceChatActivated:updated"
CUSTOM_DATA3_UPDATED = "v2:ps:m:customData3:updated"
CUSTOM_DATA4_UPDATED = "v2:ps:m:customData4:updated"
NAME_UPDATED = "v2:ps:sessionName:updated"
VISIBILITY_UPDATED = "v2:ps:visibilityType:updated"
JOINABLE_UPDATED = "v2:ps:joinableUserType:updated"
MOST_UPDATED = "v2:ps:maxMembers:updated"
CUSTOM_MESSAGE = "v2:ps:customMessage:noSeq:created"
INVITED = "outside:v2:ps:invitations:created"
"""[open]: the sheet says only that an invitation comes by push. Its dataType is invented."""

BRIDGES_CREATED = "v2:ps:bridges:created"
BRIDGES_DELETED = "v2:ps:bridges:deleted"
"""`bridges` holds id, token and etag of a new one, and only the id of a removed one [app]."""

MEMBER_LEFT = "MEMBER_LEFT"
KICKED_OUT = "KICKED_OUT"
"""`leftEventCause` of `members:deleted` [app]."""
LAST_MEMBER_LEFT = "LAST_MEMBER_LEFT"
CLOSED = "SESSION_CLOSED"
"""[open]: Sony's cause when a party ends with members in it. Invented."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A push frame for one member's connection."""

    account_id: str
    platform: str
    frame: dict[str, Any]


def delivery(  # noqa: PLR0913  # the fields of the wire
    kind: str,
    *,
    to: tuple[str, str, str],
    sender: dict[str, Any],
    session_id: str,
    context: tuple[str, int] | None = None,
    properties: dict[str, Any] | None = None,
    **data: Any,
) -> Delivery:
    """Return an event for `to` (account id, online id, platform). `context` is absent on noSeq messages.

    `sender` is the entry of ``customProperties.from``. `data` goes beside it in alphabetical order.
    """
    account_id, online_id, platform = to
    body = {**data, "customProperties": {**(properties or {}), "from": sender}, "sessionId": session_id}
    frame: dict[str, Any] = {
        "version": "3.0",
        "method": 3001,
        "dataType": PREFIX + kind,
        "to": {"accountId": account_id, "onlineId": online_id, "platform": platform},
    }
    if context is not None:
        frame["contexts"] = [{"contextId": context[0], "sequenceNumber": context[1]}]
    frame["body"] = {"data": dict(sorted(body.items()))}
    return Delivery(account_id=account_id, platform=platform, frame=frame)
