"""What the servers say when they refuse. Only `BAD_REQUEST` is from a capture [seen]; the other codes are invented."""

from __future__ import annotations

import math
import uuid
from typing import Any

BAD_REQUEST = 2265216
UNAUTHORIZED = 2265217
FORBIDDEN = 2265218
NOT_FOUND = 2265219
CONFLICT = 2265220
TOO_MANY = 2265221
NO_SUCH_USER = 2105356
"""Of profile2 [seen]."""

_WORDS = {
    400: (BAD_REQUEST, "Bad Request (body: null)"),
    401: (UNAUTHORIZED, "Unauthorized"),
    403: (FORBIDDEN, "Forbidden"),
    404: (NOT_FOUND, "Resource not found"),
    409: (CONFLICT, "Conflict"),
    429: (TOO_MANY, "Too Many Requests"),
}


class Refused(Exception):  # noqa: N818  # it is an answer, not a fault
    """A call is refused: `status` and `message` as the real service puts it, `reason` as it really is."""

    def __init__(self, status: int, reason: str, *, message: str = "", code: int = 0, violation: bool = True) -> None:
        super().__init__(reason)
        known_code, words = _WORDS.get(status, (BAD_REQUEST, "Bad Request"))
        self.status = status
        self.reason = reason
        self.code = code or known_code
        self.message = message or words
        self.violation = violation
        """False: a client may come here without any fault of its own (a race, an expired token)."""
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """Return Sony's error shape [seen]."""
        return {"error": {"referenceId": str(uuid.uuid4()), "code": self.code, "message": self.message}}


def bad_request(reason: str) -> Refused:
    return Refused(400, reason)


def not_a_member(reason: str) -> Refused:
    """Return the answer to a caller who is not in the party ("only session members permitted" [one])."""
    return Refused(403, reason, message="only session members permitted")


def too_many(next_available: float) -> Refused:
    """Return the 429 of an account that called too often; `next_available` in Unix seconds [seen]."""
    refused = Refused(429, "too many calls of this account")
    refused.headers["X-RateLimit-Next-Available"] = str(math.ceil(next_available))
    return refused


def no_push_channel() -> Refused:
    """Return the 404 of a caller whose push channel is not open [seen: 2 clients]."""
    return Refused(404, "the caller has no open push channel")
