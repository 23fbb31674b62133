"""Errors of calls to PlayStation servers.

::

    PsnError                  status, sony_code, sony_message, reference_id, details
    ├── UnauthorizedError     401: the token is not accepted
    │   └── SessionRevokedError    0x80030033: the session was ended elsewhere [one]
    ├── RateLimitedError      429: too many calls; retry_after in seconds
    ├── BlockedError          403 with an HTML page: this address is blocked for hours to a week [seen]
    ├── NotFoundError         404
    ├── RefusedError          any other 4xx: repeating the same call is pointless
    │   ├── NotAMemberError        2233351: this account is not in that party [app]
    │   └── AppTooOldError         the app version in our headers is too old [open]
    ├── ServerFaultError      5xx: temporary
    ├── UnreachableError      no answer at all: network, DNS, TLS, time limit
    │   └── NoWayOutError          the environment names a proxy or certificates that cannot be used
    └── BadAnswerError        an answer of an unexpected shape
    NoSimulatorError          the simulator is not running (yet)
    CallWithdrawnError        a call that was no longer needed at its turn
    PushFrameError            a push frame that cannot be read (`kind` says why)

`message` has Sony's words, if any. `remedy` is a sentence for the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from common.errors import PartylineError


class PsnError(PartylineError):
    """`status` is the HTTP status (0: no answer), `sony_code` the `code` of Sony's error body (0: none)."""

    code = "psn.error"
    default_remedy: ClassVar[str] = "Try again. If it fails again, report it with the reference id."

    def __init__(  # noqa: PLR0913  # each is a field of its own
        self,
        message: str,
        remedy: str = "",
        *,
        status: int = 0,
        sony_code: int = 0,
        sony_message: str = "",
        reference_id: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, remedy or self.default_remedy, reference_id=reference_id)
        self.status = status
        self.sony_code = sony_code
        self.sony_message = sony_message
        self.details: Mapping[str, Any] = details or {}
        """The decoded error body, bounded. It is never logged whole."""


class UnauthorizedError(PsnError):
    code = "psn.unauthorized"
    default_remedy = "Sign in again: `partyline login`."


class SessionRevokedError(UnauthorizedError):
    code = "psn.unauthorized-revoked"
    default_remedy = (
        "It may have been ended in the account's settings, by a new password, or by a sign-in elsewhere. "
        "Sign in again: `partyline login`."
    )


class RateLimitedError(PsnError):
    code = "psn.rate-limited"
    default_remedy = "Wait until the time it names. A restart would only add calls."

    def __init__(self, message: str, remedy: str = "", *, retry_after: float = 60.0, **more: Any) -> None:
        super().__init__(message, remedy, **more)
        self.retry_after = retry_after
        """Seconds."""


class BlockedError(PsnError):
    code = "psn.blocked"
    default_remedy = (
        "Leave partyline off for some hours, or use another internet connection: "
        "every further call may make the block longer (up to a week)."
    )


class NotFoundError(PsnError):
    code = "psn.not-found"
    default_remedy = "Check the id or link. The party may have ended."


class RefusedError(PsnError):
    code = "psn.refused"
    default_remedy = "Repeating it will not help. Report Sony's words with the reference id."


class NotAMemberError(RefusedError):
    code = "psn.refused-not-a-member"
    default_remedy = "Join the party again: `partyline join`."


class AppTooOldError(RefusedError):
    code = "psn.refused-app-too-old"
    default_remedy = (
        "Look for a newer partyline, or set `app_version` under `[psn]` to the number of today's PlayStation App."
    )


class ServerFaultError(PsnError):
    code = "psn.server-fault"
    default_remedy = "It is retried automatically. https://status.playstation.com says whether PSN is down."


class UnreachableError(PsnError):
    code = "psn.unreachable"
    default_remedy = "Check this machine's internet connection. It is retried automatically."


class NoWayOutError(UnreachableError):
    """No connection is possible. `place` is the faulty variable or source ("": none). `says` names the fault."""

    code = "psn.unreachable-environment"

    def __init__(self, place: str, says: str) -> None:
        if not place:
            super().__init__(f"No connection can be made: {says}.", "Run `make setup` again.")
            return
        variable = place.isidentifier()
        unset = f", or start without it: `env -u {place} partyline up`" if variable else ""
        super().__init__(
            f"No connection can be made: {'$' if variable else ''}{place} {says}.",
            f"Correct {'the environment variable ' if variable else ''}{place}{unset}, after `partyline down`.",
        )


class BadAnswerError(PsnError):
    code = "psn.bad-answer"
    default_remedy = "Sony may have changed something: report it with the log."


class NoSimulatorError(PartylineError):
    code = "psn.no-simulator"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            f"The simulator is not running (yet){': ' + detail if detail else ''}.",
            "Start it with `partyline up` (or `python -m simulator`), or use the real network: `partyline login`.",
        )


class CallWithdrawnError(PartylineError):
    """A call that was no longer needed at its turn. It was never sent."""

    code = "psn.call-withdrawn"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was not sent: it was not wanted any more.", "Nothing to do.")


class PushFrameError(PartylineError):
    code = "psn.push-frame"

    def __init__(self, kind: Literal["oversized", "truncated", "malformed"], message: str) -> None:
        super().__init__(message, "Nothing to do: it is left out. If it repeats, report it with the log.")
        self.kind = kind
