"""Faults on demand: which calls are answered badly, how often, and in which words. No I/O, no clock of its own."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import msgspec

from simulator.refusals import TOO_MANY

HTML = "<!doctype html><html><head><title>Access Denied</title></head><body>You don't have permission.</body></html>"
"""What stands before Sony's servers answers so when it has had enough of an address [seen]."""
_CODES = {400: 2265216, 401: 2265217, 403: 2265218, 404: 2265219, 429: TOO_MANY}


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calls whose path begins with `path` meet this instead of their answer.

    `path` begins with the host's prefix on the one server there is: ``/mobile/api/…``, ``/account/…``,
    ``/pushcl/np/serveraddr``, ``/np/pushNotification``.
    """

    path: str
    status: Annotated[int, msgspec.Meta(ge=0, le=599)] = 0
    """0: the call is only delayed."""
    times: Annotated[int, msgspec.Meta(ge=0)] = 1
    """How many calls; 0: every one until the faults are ended."""
    method: str = ""
    """Only calls of this method; empty: of any."""
    contains: str = ""
    """Only calls with this in the request line, in a header (but Authorization and Cookie) or in the body; any case."""
    html: bool = False
    """A page instead of Sony's JSON."""
    oauth_error: str = ""
    """OAuth's shape of an error instead of sessionManager's, e.g. ``invalid_grant``."""
    message: str = ""
    code: int = 0
    """Of Sony's error body; 0: one that fits the status."""
    headers: dict[str, str] = {}
    next_available_s: float = 0.0
    """Above 0: X-RateLimit-Next-Available (Unix seconds) so far ahead."""
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    """The answer waits so long."""
    cut: bool = False
    """The connection is cut instead of an answer."""

    def fits(self, method: str, path: str) -> bool:
        return path.startswith(self.path) and self.method.upper() in ("", method)

    def answer(self, now: float) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; `now` in Unix seconds."""
        headers = dict(self.headers)
        if self.next_available_s:
            headers["X-RateLimit-Next-Available"] = str(round(now + self.next_available_s))
        if self.html:
            return self.status, {"Content-Type": "text/html", **headers}, HTML.encode()
        return self.status, {"Content-Type": "application/json", **headers}, msgspec.json.encode(self._body())

    def _body(self) -> dict[str, Any]:
        words = self.message or "A fault on demand"
        code = self.code or _CODES.get(self.status, 2265200)
        if self.oauth_error:
            return {"error": self.oauth_error, "error_description": words, "error_code": code}
        return {"error": {"referenceId": str(uuid.uuid4()), "code": code, "message": words}}


class Faults:
    """The faults that stand, first come first served."""

    def __init__(self) -> None:
        self._standing: list[tuple[Fault, int]] = []
        self.met = 0
        """Calls that met one."""

    def add(self, fault: Fault) -> None:
        self._standing.append((fault, fault.times))

    def clear(self) -> None:
        self._standing.clear()

    @property
    def standing(self) -> list[Fault]:
        """Each with the number of times that are left to it (0: no end)."""
        return [msgspec.structs.replace(fault, times=left) for fault, left in self._standing]

    def wants_text(self, method: str, path: str) -> bool:
        """Tell whether `take` needs the call's text to decide."""
        return any(fault.contains and fault.fits(method, path) for fault, _ in self._standing)

    def take(self, method: str, path: str, text: str = "") -> Fault | None:
        """Return the fault that this call meets, and count it."""
        for place, (fault, left) in enumerate(self._standing):
            if not fault.fits(method, path) or fault.contains.lower() not in text.lower():
                continue
            self.met += 1
            if left == 1:
                del self._standing[place]
            elif left:
                self._standing[place] = (fault, left - 1)
            return fault
        return None
