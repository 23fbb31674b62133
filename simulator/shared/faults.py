"""Faults on demand: which calls fail, how often, and with which answer. No I/O. Times come from the caller."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import msgspec

from simulator.shared.refusals import TOO_MANY

HTML = "<!doctype html><html><head><title>Access Denied</title></head><body>You don't have permission.</body></html>"
"""Answer of the proxy in front of Sony's servers to a blocked address [seen]."""
_CODES = {400: 2265216, 401: 2265217, 403: 2265218, 404: 2265219, 429: TOO_MANY}


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replaces the answers of calls whose path begins with `path`.

    `path` begins with the host's prefix on the one server: ``/mobile/api/…``, ``/account/…``,
    ``/pushcl/np/serveraddr``, ``/np/pushNotification``.
    """

    path: str
    status: Annotated[int, msgspec.Meta(ge=0, le=599)] = 0
    """0 only delays the call."""
    times: Annotated[int, msgspec.Meta(ge=0)] = 1
    """Number of calls. 0 applies until the faults are cleared."""
    method: str = ""
    """Limits the fault to this method. Empty matches any."""
    contains: str = ""
    """Limits the fault to calls with this text in the request line, a header (except Authorization and Cookie) or the
    body. Case is ignored."""
    html: bool = False
    """Sends an HTML page instead of Sony's JSON."""
    oauth_error: str = ""
    """Sends OAuth's error format instead of sessionManager's, e.g. ``invalid_grant``."""
    message: str = ""
    code: int = 0
    """Code in Sony's error body. 0 chooses one for the status."""
    headers: dict[str, str] = {}
    next_available_s: float = 0.0
    """Above 0, sends X-RateLimit-Next-Available (Unix seconds), that many seconds ahead."""
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    """Delay of the answer."""
    cut: bool = False
    """Closes the connection instead of answering."""

    def fits(self, method: str, path: str) -> bool:
        return path.startswith(self.path) and self.method.upper() in ("", method)

    def answer(self, now: float) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body. `now` is in Unix seconds."""
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
    """The active faults, matched in the order they were added."""

    def __init__(self) -> None:
        self._standing: list[tuple[Fault, int]] = []
        self.met = 0
        """Calls that met a fault."""

    def add(self, fault: Fault) -> None:
        self._standing.append((fault, fault.times))

    def clear(self) -> None:
        self._standing.clear()

    @property
    def standing(self) -> list[Fault]:
        """The active faults, each with its remaining number of times (0 for no limit)."""
        return [msgspec.structs.replace(fault, times=left) for fault, left in self._standing]

    def wants_text(self, method: str, path: str) -> bool:
        """Return whether `take` needs the call's text."""
        return any(fault.contains and fault.fits(method, path) for fault, _ in self._standing)

    def take(self, method: str, path: str, text: str = "") -> Fault | None:
        """Return the fault that applies to this call, and count it."""
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
