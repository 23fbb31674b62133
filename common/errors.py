"""Errors for users, each with what happened and what to do about it.

::

    PartylineError            code, message, remedy, reference_id
    ├── SettingsError         a setting that cannot be used; names the place
    ├── BusError              the bus itself
    │   ├── BusUnreachableError    no reply: the worker is not running, or hung
    │   ├── BadMessageError        bytes that are not a valid message
    │   └── BadRequestError        a request with an invalid value
    ├── SignInError           an invalid paste or token (auth)
    ├── PartyError            a party that cannot be joined, listed or left (session)
    ├── SupervisorError       supervisord refused, or does not answer
    └── common.psn.errors.PsnError   what a PlayStation server said
"""

from __future__ import annotations

import msgspec


class PartylineError(Exception):
    """What happened (`message`) and what to do about it (`remedy`), with a stable `code`."""

    code = "partyline.error"

    def __init__(self, message: str, remedy: str = "", *, code: str = "", reference_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code or type(self).code
        self.reference_id = reference_id


class SettingsError(PartylineError):
    code = "settings.invalid"


class BusError(PartylineError):
    code = "bus.error"


class BusUnreachableError(BusError):
    code = "bus.unreachable"


class BadMessageError(BusError):
    code = "bus.bad-message"


class BadRequestError(BusError):
    code = "bus.bad-request"


class SignInError(PartylineError):
    code = "auth.sign-in"


class PartyError(PartylineError):
    code = "session.party"


class SupervisorError(PartylineError):
    code = "supervisor.refused"


class ErrorReply(msgspec.Struct, frozen=True, kw_only=True):
    """A `PartylineError` as a bus message."""

    code: str
    message: str
    remedy: str = ""
    reference_id: str = ""

    @classmethod
    def of(cls, error: PartylineError) -> ErrorReply:
        return cls(code=error.code, message=error.message, remedy=error.remedy, reference_id=error.reference_id)

    def error(self) -> PartylineError:
        """Return the error for the requester, of the class that its code names."""
        cls: type[PartylineError] = PartylineError
        for known in (SettingsError, BusUnreachableError, BadMessageError, BadRequestError, SignInError, PartyError):
            if self.code.startswith(known.code):
                cls = known
                break
        return cls(self.message, self.remedy, code=self.code, reference_id=self.reference_id)
