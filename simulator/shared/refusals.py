"""Refusals of the servers. `BAD_REQUEST` [seen], `NOT_A_MEMBER` [app], the other codes are invented."""

from __future__ import annotations

import math
import uuid
from typing import Any

from simulator.facts import account, party, rests_on

BAD_REQUEST = 2265216
UNAUTHORIZED = 2265217
FORBIDDEN = 2265218
NOT_FOUND = 2265219
CONFLICT = 2265220
TOO_MANY = 2265221
NOT_A_MEMBER = 2233351
"""Sent with the message "only session members permitted". The app then treats the party as left [app]."""
AGE_RESTRICTED = "Age verification required"
"""[open]: made up, like its codes."""
NO_SUCH_USER = 2105356
"""Code of profile2 [seen]."""

_WORDS = {
    400: (BAD_REQUEST, "Bad Request (body: null)"),
    401: (UNAUTHORIZED, "Unauthorized"),
    403: (FORBIDDEN, "Forbidden"),
    404: (NOT_FOUND, "Resource not found"),
    409: (CONFLICT, "Conflict"),
    429: (TOO_MANY, "Too Many Requests"),
}


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """A refused call. `status` and `message` are those of the real service, `reason` is the actual cause."""

    def __init__(self, status: int, reason: str, *, message: str = "", code: int = 0, violation: bool = True) -> None:
        super().__init__(reason)
        known_code, words = _WORDS.get(status, (BAD_REQUEST, "Bad Request"))
        self.status = status
        self.reason = reason
        self.code = code or known_code
        self.message = message or words
        self.violation = violation
        """False if a correct client may get this refusal (a race, an expired token)."""
        self.headers: dict[str, str] = {}

    @rests_on(party.ERROR_SHAPE)
    def body(self) -> dict[str, Any]:
        """Return Sony's error format [seen]."""
        return {"error": {"referenceId": str(uuid.uuid4()), "code": self.code, "message": self.message}}


def bad_request(reason: str) -> Refused:
    return Refused(400, reason)


@rests_on(party.NOT_A_MEMBER, party.NOT_A_MEMBER_STATUS)
def not_a_member(reason: str, status: str = "403") -> Refused:
    """Return the answer to a caller who is not in the party. `status` is the way of `NOT_A_MEMBER_STATUS`."""
    return Refused(int(status), reason, message="only session members permitted", code=NOT_A_MEMBER)


@rests_on(account.AGE, account.AGE_CODE, account.CHILD)
def not_of_age(reason: str, way: str) -> Refused:
    """Return the answer to an account that may not chat. `way` (of `AGE_CODE`) is status and code."""
    status, _, code = way.partition(" ")
    return Refused(int(status), reason, message=AGE_RESTRICTED, code=int(code), violation=False)


def too_many(next_available: float) -> Refused:
    """Return the 429 of an account that called too often. `next_available` is in Unix seconds [seen]."""
    refused = Refused(429, "too many calls of this account")
    refused.headers["X-RateLimit-Next-Available"] = str(math.ceil(next_available))
    return refused


@rests_on(party.PUSH_FIRST)
def no_push_channel() -> Refused:
    """Return the 404 of a caller without an open push channel [seen: 2 clients]."""
    return Refused(404, "the caller has no open push channel")
