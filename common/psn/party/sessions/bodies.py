"""Bodies of the calls, exactly as in the captures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.psn.party.sessions.model import FRIENDS, FRIENDS_ONLY, INVITE_ONLY, MAX_MEMBERS


def kinds(*, open_to_friends: bool) -> dict[str, str]:
    """Return body fields for who may join and who may see a party, in the order in which they must change."""
    joinable_by, visible_to = (FRIENDS, FRIENDS_ONLY) if open_to_friends else (INVITE_ONLY, INVITE_ONLY)
    return {"joinableUserType": joinable_by, "visibilityType": visible_to}


def create_body(name: str, context_id: str, custom_data4: str, *, open_to_friends: bool) -> dict[str, Any]:
    party = {
        **kinds(open_to_friends=open_to_friends),
        "maxMembers": MAX_MEMBERS,
        **join_body(context_id, custom_data4),
        "sessionName": name,
        "sessionType": "ROOM",
    }
    return {"v2PartySessions": [dict(sorted(party.items()))]}


def invite_body(account_ids: Iterable[str]) -> dict[str, Any]:
    return {
        "invitationType": "NORMAL",
        "invitations": [{"to": {"accountId": account_id}} for account_id in account_ids],
        "invitationsToGroups": [],
    }


def join_body(context_id: str, custom_data4: str) -> dict[str, Any]:
    return {
        "members": [
            {
                "accountId": "me",
                "customData4": custom_data4,
                "platform": "me",
                "pushContexts": [{"contextId": context_id}],
                "voiceChatActivated": True,
            }
        ]
    }


def bulk_body(session_ids: Iterable[str] = ()) -> dict[str, Any]:
    return {"groupInvitedPartySessions": list(session_ids)}


def custom_message_body(channel: str, payload: str, account_id: str, platform: str) -> dict[str, Any]:
    """Return the body of a custom message. `platform` is a string here, and a number in the miranda frame [seen]."""
    return {
        "channel": channel,
        "payload": payload,
        "to": [{"accountId": account_id, "platform": platform}],
        "withoutSequenceNumber": True,
    }
