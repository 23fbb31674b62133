"""The known calls (method, host, path template) and push dataTypes of Sony's servers.

The one source for the names of calls in logs and errors, for the notes (a test compares the two), and for
finding what is new in a capture. Not every known call is made. notes/ says who makes which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from common.psn.party.push import PREFIX

_ID = r"(?!me(?:/|$))[^/]+"
"""What matches ``{…}``. ``me`` is a literal of the templates."""


@dataclass(frozen=True)
class Endpoint:
    """One call. `host` is a field of `common.psn.http.endpoints.Endpoints`. `template` has ``{…}`` in place of ids."""

    method: str
    host: str
    template: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{\w+\}", self.template)
        return re.compile(_ID.join(map(re.escape, parts)))


_PARTY = "/api/sessionManager/v2"
_BRIDGE = "/api/rtcBridge/v1/bridges"

AUTH = (
    Endpoint("GET", "account", "/api/v1/ssocookie"),
    Endpoint("GET", "account", "/api/authz/v3/oauth/authorize"),
    Endpoint("POST", "account", "/api/authz/v3/oauth/token"),
    Endpoint("GET", "dms", "/api/v1/devices/accounts/me"),
    Endpoint("GET", "mobile", "/api/userProfile/v1/internal/users/{account_id}/profiles"),
    Endpoint("GET", "mobile", "/api/userProfile/v1/internal/users/profiles"),
    Endpoint("GET", "profile", "/userProfile/v1/users/{online_id}/profile2"),
)
PARTY = (
    Endpoint("GET", "mobile", f"{_PARTY}/partySessions"),
    Endpoint("POST", "mobile", f"{_PARTY}/sys/gameBase/parties/bulkGet"),
    Endpoint("GET", "mobile", f"{_PARTY}/users/me/partySessionsInvitations"),
    Endpoint("POST", "mobile", f"{_PARTY}/partySessions"),
    Endpoint("PATCH", "mobile", f"{_PARTY}/partySessions/{{session_id}}"),
    Endpoint("POST", "mobile", f"{_PARTY}/partySessions/{{session_id}}/members"),
    Endpoint("PATCH", "mobile", f"{_PARTY}/partySessions/{{session_id}}/members/me"),
    Endpoint("DELETE", "mobile", f"{_PARTY}/partySessions/{{session_id}}/members/me"),
    Endpoint("DELETE", "mobile", f"{_PARTY}/partySessions/{{session_id}}/members/{{account_id}}"),
    Endpoint("POST", "mobile", f"{_PARTY}/partySessions/{{session_id}}/invitations"),
    Endpoint("POST", "mobile", f"{_PARTY}/partySessions/{{session_id}}/bridges"),
    Endpoint("DELETE", "mobile", f"{_PARTY}/partySessions/{{session_id}}/bridges/{{bridge_id}}"),
    Endpoint("POST", "mobile", f"{_PARTY}/partySessions/{{session_id}}/customMessage"),
    Endpoint("GET", "mobile", "/api/gamingLoungeGroups/v1/members/me/groups"),
    Endpoint("GET", "mobile", "/api/gamingLoungeGroups/v1/members/me/groups/openPartySessions"),
    Endpoint("POST", "mobile", "/api/gamingLoungeGroups/v1/groups/{group_id}/partySessions"),
    Endpoint("GET", "web", "/api/cpss/v1/partyInfo/{cpss_id}"),
)
PUSH = (
    Endpoint("GET", "push", "/np/serveraddr"),
    Endpoint("GET", "push_socket", "/np/pushNotification"),
)
BRIDGE = (
    Endpoint("POST", "mobile", _BRIDGE),
    Endpoint("GET", "mobile", f"{_BRIDGE}/{{bridge_id}}"),
    Endpoint("DELETE", "mobile", f"{_BRIDGE}/{{bridge_id}}"),
    Endpoint("POST", "mobile", f"{_BRIDGE}/{{bridge_id}}/peers"),
    Endpoint("DELETE", "mobile", f"{_BRIDGE}/{{bridge_id}}/peers/{{peer_id}}"),
    Endpoint("POST", "mobile", f"{_BRIDGE}/{{bridge_id}}/peers/{{peer_id}}/answer"),
    Endpoint("POST", "mobile", f"{_BRIDGE}/{{bridge_id}}/peers/{{peer_id}}/offer"),
)
ENDPOINTS = (*AUTH, *PARTY, *PUSH, *BRIDGE)


_LITERALS = frozenset(part for entry in ENDPOINTS for part in entry.template.split("/") if "{" not in part)


def template_of(path: str) -> str:
    """Return a path without query and ids, as a known template or with ``{}`` for every part that is not a literal."""
    plain = path.partition("?")[0]
    found = next((entry.template for entry in ENDPOINTS if entry.pattern.fullmatch(plain)), None)
    return found or "/".join(part if part in _LITERALS else "{}" for part in plain.split("/"))


def endpoint_of(method: str, host: str, path: str) -> Endpoint | None:
    """Return the call that `path` belongs to (its query is ignored), or None if it is unknown."""
    plain = path.partition("?")[0]
    found = (e for e in ENDPOINTS if (e.method, e.host) == (method, host) and e.pattern.fullmatch(plain))
    return next(found, None)


_V2 = {
    "v2:partySession:created": "a party began",
    "outside:v2:partySession:deleted": "a party ended",
    "v2:ps:members:created": "somebody joined",
    "v2:ps:members:deleted": "somebody left, or was removed",
    "v2:ps:owner:updated": "another host",
    "v2:ps:m:customData3:updated": "whom a member names: the others",
    "v2:ps:m:customData4:updated": "a member's state: muted, version",
    "v2:ps:customMessage:noSeq:created": "a message between members: offer, answer",
    "v2:ps:sessionName:updated": "the party's name",
    "v2:ps:visibilityType:updated": "who may see the party",
    "v2:ps:joinableUserType:updated": "who may join",
    "v2:ps:maxMembers:updated": "how many may join",
    "outside:v2:ps:visibilityType:updated": "the same, seen from outside",
    "outside:v2:ps:joinableUserType:updated": "the same, seen from outside",
}
_APP = {
    "v2:partySession:deleted": "a party ended, for those in it",
    "v2:ps:members:updated": "members as a whole, anew",
    "v2:ps:m:voiceChatActivated:updated": "a member's voice chat was switched",
    "v2:ps:m:isOnShareScreen:updated": "a member shares its screen, or no longer",
    "v2:ps:m:blockList:updated": "a member blocks somebody, or no longer",
    "v2:ps:m:customData1:updated": "data of a member",
    "v2:ps:m:customData2:updated": "data of a member",
    **{f"v2:ps:customData{n}:updated": "data of the party" for n in range(1, 5)},
    "v2:ps:customMessage:created": "a message between members, with a number",
    "v2:ps:bridges:created": "a bridge was linked to the party",
    "v2:ps:bridges:deleted": "a bridge is gone",
}
_V1 = {
    "pts:m:voiceChatActivated:updated": "a member's voice chat was switched",
    "pts:bridges:created": "a bridge was linked to the party",
    "pts:bridges:deleted": "a bridge is gone",
    "pts:customMessage:created": "a message between members, with a number",
    "pts:customMessage:noSeq:created": "a message between members",
    "pts:maxMembers:updated": "how many may join",
    **{f"pts:customData{n}:updated": "data of the party" for n in range(1, 5)},
    **{f"pts:m:customData{n}:updated": "data of a member" for n in range(1, 5)},
}
DATA_TYPES: Mapping[str, str] = {PREFIX + name: meaning for name, meaning in (_V2 | _APP | _V1).items()}
"""dataType → meaning, for v2 [seen], what the app also knows [app], v1 (``pts``) [one: Tustin].

An unknown dataType is not an error."""
