"""Readers of the answers. They tolerate account ids as numbers or strings, unknown fields and missing ones."""

from __future__ import annotations

from typing import Any

from common.psn.errors import BadAnswerError
from common.psn.party.sessions.model import FRIENDS, INVITE_ONLY, Party, PartyInfo, PartyMember
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_name, as_platform, as_seconds, as_text

VIEW_KEYS = ("v2PartySessions", "partySessions")
"""Keys of the view's answer [seen]. The second is v1's name."""
MOST_LISTED = 50
"""Most open parties of groups that are read."""


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
