"""Log of calls and violations, which tests read at /control/calls and /control/violations."""

from __future__ import annotations

from collections import deque

import msgspec


class LoggedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, without its query (which may carry secrets)."""

    method: str
    path: str
    status: int
    at: float
    """Unix seconds."""
    took_ms: float
    via_link: bool = False
    """Whether it carried a share link's id (X-PSN-SESSION-MANAGER-CPSS-ID)."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One request that the real service would not have accepted."""

    place: str
    """Method and path, or ``push``."""
    status: int
    reason: str
    at: float
    """Unix seconds."""


class CallLog:
    """The latest calls and violations."""

    def __init__(self, limit: int = 5000) -> None:
        self.calls: deque[LoggedCall] = deque(maxlen=limit)
        self.violations: deque[Violation] = deque(maxlen=limit)

    def called(self, call: LoggedCall) -> None:
        self.calls.append(call)

    def violated(self, place: str, status: int, reason: str, now: float) -> None:
        self.violations.append(Violation(place=place, status=status, reason=reason[:300], at=now))
