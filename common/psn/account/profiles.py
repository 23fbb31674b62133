"""REST shapes of userProfile, for names and avatars.

Reading is as tolerant as `common.psn.party.sessions`. Facts: notes/auth.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from common.psn.errors import BadAnswerError
from common.psn.shapes import as_dict, as_id, as_list, as_name, as_text

SIZES = ("xl", "l", "m", "s")
"""Sizes of avatars, the best first."""


def profiles_path(account_ids: Iterable[str]) -> str:
    return f"/api/userProfile/v1/internal/users/profiles?accountIds={','.join(quote(a, safe='') for a in account_ids)}"


def profile_path(account_id: str) -> str:
    return f"/api/userProfile/v1/internal/users/{quote(account_id, safe='')}/profiles"


def account_path(online_id: str) -> str:
    """Online id → account id, on the profile host [seen]."""
    return f"/userProfile/v1/users/{quote(online_id, safe='')}/profile2?fields=accountId,onlineId,currentOnlineId"


def read_account(data: Any) -> tuple[str, str]:
    """Return (account id, online id) of a profile2 answer. Raises `BadAnswerError`."""
    profile = as_dict(as_dict(data).get("profile"))
    account_id = as_id(profile.get("accountId"))
    if not account_id:
        raise BadAnswerError("The profile's answer has no account id.")
    return account_id, as_name(profile.get("currentOnlineId")) or as_name(profile.get("onlineId"))


def read_names(data: Any, asked: Sequence[str]) -> dict[str, str]:
    """Return account id → online id of a bulk profile answer. Accounts without a name are omitted."""
    pairs = [(account_id, as_name(entry.get("onlineId"))) for account_id, entry in _entries(data, asked)]
    return {account_id: online_id for account_id, online_id in pairs if online_id}


def read_pictures(data: Any, asked: Sequence[str]) -> dict[str, str]:
    """Return account id → avatar URL, as it came, of a bulk profile answer. Accounts without one are omitted."""
    pairs = [(account_id, _picture(entry)) for account_id, entry in _entries(data, asked)]
    return {account_id: url for account_id, url in pairs if url}


def _entries(data: Any, asked: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return (account id, entry). Entries without an id are assumed to be in the requested order [open]."""
    entries = [as_dict(entry) for entry in as_list(as_dict(data).get("profiles"))]
    in_order = asked if len(entries) == len(asked) else [""] * len(entries)
    known = [(as_id(entry.get("accountId")) or place, entry) for entry, place in zip(entries, in_order, strict=True)]
    return [(account_id, entry) for account_id, entry in known if account_id]


def _picture(entry: dict[str, Any]) -> str:
    avatars = [as_dict(avatar) for avatar in as_list(entry.get("avatars"))]
    urls = {as_text(avatar.get("size")): as_text(avatar.get("url")) for avatar in avatars}
    return next((urls[size] for size in (*SIZES, *urls) if urls.get(size)), "")
