"""REST shapes of sessionManager v2 and of share links.

Writing follows the captures exactly. Reading tolerates account ids as numbers or strings,
unknown fields and missing ones. Facts: notes/party-api.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec

from common.psn.errors import BadAnswerError
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_name, as_platform, as_seconds, as_text

BASE = "/api/sessionManager/v2"
SESSION_IDS_HEADER = "X-PSN-SESSION-MANAGER-SESSION-IDS"
CPSS_ID_HEADER = "X-PSN-SESSION-MANAGER-CPSS-ID"
LANGUAGE_HEADER = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE"
INVITE_ONLY = "INVITE_ONLY"
"""visibilityType and joinableUserType of the app's own parties [seen]."""
FRIENDS = "FRIENDS"
FRIENDS_ONLY = "FRIENDS_ONLY"
"""joinableUserType and visibilityType of open parties, two spellings [app]. Members' friends may join [read]."""
MAX_MEMBERS = 16
KICKED_OUT = "KICKED_OUT"
MEMBER_LEFT = "MEMBER_LEFT"
"""`leftEventCause` of an entry that was deleted [app]."""
VIEW_KEYS = ("v2PartySessions", "partySessions")
"""Keys of the view's answer [seen]. The second is v1's name."""
MOST_LISTED = 50
"""Most open parties of groups that are read."""
BULK_LIMIT = 11
"""`limit` of the app's own bulkGet [seen]."""


class PartyMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member, as in REST answers and push events."""

    account_id: str
    platform: str = ""
    online_id: str = ""
    custom_data3: str = ""
    custom_data4: str = ""
    """Both are base64 as they came, or "" when absent."""
    joined_at: float = 0.0
    """Unix seconds, or 0 when absent."""
    join_order: int = 0
    """Place in the order of joining, from 1 [app], or 0 when absent."""
    left_cause: str = ""
    """`KICKED_OUT` or `MEMBER_LEFT` in a deleted entry [app], or "" when absent."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party, as in REST answers. `owner` is an account id, `owner_name` an online id, each "" if not sent."""

    session_id: str
    name: str = ""
    owner: str = ""
    owner_platform: str = ""
    owner_name: str = ""
    members: tuple[PartyMember, ...] = ()
    max_members: int = 16
    joinable: bool = True
    open: bool | None = None
    """Whether members' friends may join (False: invited players only), or None if absent."""

    def has(self, account_id: str, platform: str) -> bool:
        """Return whether that device of that account is listed as a member."""
        return any(m.account_id == account_id and m.platform == platform for m in self.members)


class PartyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The party behind a share link."""

    session_id: str
    joinable: bool
    name: str = ""
    members: int = 0
    """Number of members."""
    max_members: int = 0
    """0 if absent."""


# --- paths and bodies -------------------------------------------------------------------------------


def party_path(session_id: str, below: str = "") -> str:
    return f"{BASE}/partySessions/{quote(session_id, safe='')}{below}"


def members_path(session_id: str) -> str:
    """Join: POST [seen]."""
    return party_path(session_id, "/members")


def me_path(session_id: str) -> str:
    """Leave: DELETE. Custom data: PATCH [seen]."""
    return party_path(session_id, "/members/me")


def member_path(session_id: str, account_id: str) -> str:
    """Remove a member: DELETE [app]."""
    return party_path(session_id, f"/members/{quote(account_id, safe='')}")


def custom_message_path(session_id: str) -> str:
    return party_path(session_id, "/customMessage")


def invitations_path(session_id: str) -> str:
    return party_path(session_id, "/invitations")


CREATE_PATH = f"{BASE}/partySessions"
INVITED_PATH = f"{BASE}/users/me/partySessionsInvitations"
VIEW_PATH = f"{BASE}/partySessions?view=v3"
OPEN_PARTIES_PATH = "/api/gamingLoungeGroups/v1/members/me/groups/openPartySessions"
BULK_PATH = f"{BASE}/sys/gameBase/parties/bulkGet?limit={BULK_LIMIT}"


def party_info_path(cpss_id: str, country: str, language: str) -> str:
    return (
        f"/api/cpss/v1/partyInfo/{quote(cpss_id, safe='')}"
        f"?country={quote(country, safe='')}&language={quote(language, safe='')}"
    )


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


# --- answers ----------------------------------------------------------------------------------------


def read_member(data: Any) -> PartyMember | None:
    """Return a member entry, or None when it names nobody."""
    entry = as_dict(data)
    account_id = as_id(entry.get("accountId"))
    if not account_id:
        return None
    return PartyMember(
        account_id=account_id,
        platform=as_platform(entry.get("platform")),
        online_id=as_name(entry.get("onlineId")),
        custom_data3=as_text(entry.get("customData3")),
        custom_data4=as_text(entry.get("customData4")),
        joined_at=as_seconds(entry.get("joinTimestamp")),
        join_order=max(0, as_int(entry.get("joinOrder"))),
        left_cause=as_text(as_dict(entry.get("customProperties")).get("leftEventCause")),
    )


def read_members(data: Any) -> tuple[PartyMember, ...]:
    return tuple(member for entry in as_list(data) if (member := read_member(entry)) is not None)


def read_owner(data: Any) -> tuple[str, str, str]:
    """Return (account id, platform, online id) of an owner, which may be an object, a number or a string [open]."""
    if isinstance(data, dict):
        return as_id(data.get("accountId")), as_platform(data.get("platform")), as_name(data.get("onlineId"))
    text = as_id(data)
    return (text, "", "") if text.isdecimal() else ("", "", text)


def read_open(joinable_by: Any) -> bool | None:
    """Return whether a `joinableUserType` lets friends join, or None if it is unknown."""
    return {FRIENDS: True, INVITE_ONLY: False}.get(as_text(joinable_by))


def read_party(data: Any) -> Party | None:
    """Return a party of an answer, or None when it has no session id."""
    entry = as_dict(data)
    session_id = as_text(entry.get("sessionId"))
    if not session_id:
        return None
    owner, owner_platform, owner_name = read_owner(entry.get("owner") or entry.get("leader"))
    return Party(
        session_id=session_id,
        name=as_name(entry.get("sessionName")),
        owner=owner,
        owner_platform=owner_platform,
        owner_name=owner_name,
        members=read_members(entry.get("members")),
        max_members=as_int(entry.get("maxMembers"), 16),
        joinable=entry.get("partyJoinable") is not False,
        open=read_open(entry.get("joinableUserType")),
    )


def read_parties(data: Any, key: str) -> list[Party]:
    """Return the parties under `key`. Raises `BadAnswerError`."""
    if not isinstance(data, dict) or not isinstance(data.get(key), list):
        raise BadAnswerError(f"The answer has no list {key!r}.")
    return [party for entry in data[key] if (party := read_party(entry)) is not None]


def read_view(data: Any, session_id: str) -> Party | None:
    """Return the requested party of a view, or None if it is not shown. Raises `BadAnswerError`."""
    key = next((key for key in VIEW_KEYS if isinstance(as_dict(data).get(key), list)), VIEW_KEYS[0])
    found = (party for party in read_parties(data, key) if party.session_id.lower() == session_id.lower())
    return next(found, None)


def view_shape(data: Any) -> dict[str, str]:
    """Return the values that a view shows for the unknowns of `common.psn.unknowns`."""
    key = next((key for key in VIEW_KEYS if isinstance(as_dict(data).get(key), list)), "")
    if not key:
        return {}
    found = {"party.view-key": key}
    members = [as_dict(one) for party in as_list(data[key]) for one in as_list(as_dict(party).get("members"))]
    times = [member["joinTimestamp"] for member in members if "joinTimestamp" in member]
    if times:
        found["party.view-timestamp"] = "string" if isinstance(times[0], str) else "number"
    return found


def read_created(data: Any) -> Party:
    """Return the created party, as far as the answer describes it. Raises `BadAnswerError`."""
    made = read_parties(data, "v2PartySessions")
    if not made:
        raise BadAnswerError("The answer to making a party names none.")
    return made[0]


def read_open_parties(data: Any) -> list[str]:
    """Return the session ids of `openPartySessions`. Raises `BadAnswerError`.

    The shape of an entry is [open]. The session id is read from it or from a session inside it.
    """
    if not isinstance(data, dict) or not isinstance(data.get("openPartySessions"), list):
        raise BadAnswerError("The answer has no list 'openPartySessions'.")
    found = [_session_id(as_dict(entry)) for entry in data["openPartySessions"][:MOST_LISTED]]
    return [session_id for session_id in found if session_id]


def _session_id(entry: dict[str, Any]) -> str:
    inner = as_dict(entry.get("partySession")) or as_dict(entry.get("session"))
    return as_text(entry.get("sessionId")) or as_text(inner.get("sessionId"))


def read_invitations(data: Any) -> list[tuple[str, str, str]]:
    """Return (session id, inviter's account id, inviter's online id) of each invitation. Raises `BadAnswerError`.

    The shape of an entry is [open]. The session id is read from it or from a session inside it.
    """
    if not isinstance(data, dict) or not isinstance(data.get("invitations"), list):
        raise BadAnswerError("The answer has no list 'invitations'.")
    found = []
    for entry in map(as_dict, data["invitations"]):
        session_id = _session_id(entry)
        sender = as_dict(entry.get("from"))
        if session_id:
            found.append((session_id, as_id(sender.get("accountId")), as_name(sender.get("onlineId"))))
    return found


def read_party_info(data: Any) -> PartyInfo:
    """Return the party behind a share link. Raises `BadAnswerError`."""
    answer = as_dict(data)
    session_id = as_text(answer.get("sessionId"))
    if not session_id:
        raise BadAnswerError("The share link's answer names no party.", "Ask for a new link: the party may have ended.")
    return PartyInfo(
        session_id=session_id,
        joinable=answer.get("isJoinable") is not False,
        name=as_name(answer.get("sessionName")),
        members=len(as_list(answer.get("members"))),
        max_members=as_int(answer.get("maxMembers")),
    )
