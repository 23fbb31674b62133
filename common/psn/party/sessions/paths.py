"""Paths and headers of the calls."""

from __future__ import annotations

from urllib.parse import quote

BASE = "/api/sessionManager/v2"
SESSION_IDS_HEADER = "X-PSN-SESSION-MANAGER-SESSION-IDS"
CPSS_ID_HEADER = "X-PSN-SESSION-MANAGER-CPSS-ID"
LANGUAGE_HEADER = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE"
BULK_LIMIT = 11
"""`limit` of the app's own bulkGet [seen]."""


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
