"""Headers of calls to m.np. The app has two sides that call it, and each sends its own set (notes/party-api.md)."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Literal, get_args

from common.config.tables import PsnSettings

HeaderSet = Literal["bare", "full"]
"""``bare``: of the native side, without any ``x-psn-`` header [seen]. ``full``: of the JavaScript side [seen]."""

_SETS: tuple[HeaderSet, ...] = get_args(HeaderSet)
JSON = "application/json; charset=utf-8"
_LISTS = re.compile(
    r"/api/(?:userProfile|gamingLoungeGroups)/"
    r"|/api/sessionManager/v2/(?:sys/gameBase/|users/me/partySessionsInvitations)"
)
"""Lists, bulkGet and profiles are calls of the JavaScript side [seen]. All others are native [seen, app]."""


def is_list(path: str) -> bool:
    """Return whether a call to m.np belongs to the app's JavaScript side."""
    return _LISTS.match(path) is not None


def headers_of(psn: PsnSettings, headers: HeaderSet, trace_id: str) -> dict[str, str]:
    """Return the headers of one call to m.np. `trace_id` is 16 hex digits, constant for a run."""
    found = {"Content-Type": JSON, "User-Agent": psn.user_agent}
    if headers == "full":
        found |= {
            "x-psn-request-id": str(uuid.uuid4()),
            "x-psn-app-ver": psn.rest_app_version,
            "x-psn-trace-id": trace_id,
            "x-psn-span-id": secrets.token_hex(8),
            "x-psn-sampled": "0",
        }
    return found


class NativeHeaders:
    """Finds out which header set the servers accept for native calls.

    That the app sends none is [seen]. Whether the servers refuse others is [open]. So a native call that is refused
    with 400 is retried with the other set, once for each kind of call, until any native call is accepted.
    """

    def __init__(self, setting: Literal["auto", "bare", "full"]) -> None:
        self._fixed = setting != "auto"
        self._preferred: HeaderSet = "full" if setting == "full" else "bare"
        self._settled = False
        self._tried: set[str] = set()

    @property
    def accepted(self) -> HeaderSet | None:
        """The set with which native calls are accepted, or None while that is not known."""
        return self._preferred if self._settled else None

    def of(self, path: str) -> HeaderSet:
        """Return the set for a call to `path`."""
        return "full" if is_list(path) else self._preferred

    def other(self, kind: str, path: str) -> HeaderSet | None:
        """Return the set to try after a 400, or None if there is none. `kind` names the call without ids."""
        if self._fixed or self._settled or is_list(path) or kind in self._tried:
            return None
        self._tried.add(kind)
        return "bare" if self._preferred == "full" else "full"

    def took(self, path: str, headers: HeaderSet) -> None:
        """Record that a call was accepted."""
        if not is_list(path):
            self.learned(headers)

    def learned(self, headers: str) -> None:
        """Record which set is accepted, found by this process or another. Other values of `headers` are ignored."""
        found = next((one for one in _SETS if one == headers), None)
        if found is None:
            return
        if not self._fixed:
            self._preferred = found
        self._settled = True
