"""The reasons why a party ended, a join was refused or a user was not found, as sentences. No I/O.

The meaning of Sony's codes is [open], so a refusal is explained by what the lists of parties show. Sony's own words are
added.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from common.errors import PartyError, PartylineError
from common.psn.errors import AppTooOldError, NotFoundError, PsnError, RefusedError
from common.psn.party.sessions import KICKED_OUT, MEMBER_LEFT, Party, PartyInfo

End = Literal["", "ended", "removed", "dropped", "gone", "left", "elsewhere", "refused"]

FORBIDDEN = 403
CONFLICT = 409
GONE = "session.party-gone"
_LAST_LEFT = "LAST_MEMBER_LEFT"
"""`deletedEvenCause` of a party that everybody has left [seen]."""
_LONGEST = 60
"""Characters of a cause that are shown."""

MISSED = "You are no longer in the party. PlayStation dropped this device, or somebody removed it."
NOT_SHOWN = "The party has ended, or you are no longer in it. PlayStation does not show it any more."
NOT_A_MEMBER = "You are no longer in the party. PlayStation says that this device is not one of its members."
_REGIONS = {"GB": "the United Kingdom", "IE": "Ireland"}
"""Where adult accounts must have verified their age since June 2026, to be in parties [seen]."""


class AccountFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the sign-in's token says about the account, as a hint [seen]."""

    country: str = ""
    is_child: bool = False

    @property
    def hint(self) -> tuple[str, str] | None:
        """Return the likely cause of a refusal and its remedy, None if nothing suggests one."""
        if self.is_child:
            return (
                "This is a child's account, and its settings may not allow parties.",
                "Let the family manager allow communication for it, in the account's settings on PlayStation.",
            )
        if region := _REGIONS.get(self.country):
            cause = (
                f"The likely cause: this account is of {region}. Since June 2026, PlayStation lets such an account "
                "into parties only if its age is verified. A new account is not verified."
            )
            return cause, "Verify its age in the account's settings on PlayStation, or use an account that is verified."
        return None


def party_ended(cause: str) -> str:
    if cause == _LAST_LEFT:
        return f"The party has ended, because its last member left ({cause})."
    return f"The party has ended ({cause[:_LONGEST]})." if cause else "The party has ended."


def removed(cause: str, by: str) -> tuple[str, End]:
    """Return the message and the `End` for our deleted member entry.

    `cause` is the `leftEventCause` [app] or "". `by` is the other user named as the sender [read] or "".
    """
    if cause == MEMBER_LEFT:
        return "You are no longer in the party. Your account left it on another device.", "elsewhere"
    if by:
        return f"You are no longer in the party. {by} removed you.", "removed"
    if cause == KICKED_OUT:
        return "You are no longer in the party. Somebody removed you.", "removed"
    return (
        "You are no longer in the party. Your account left it on another device, or PlayStation dropped this device.",
        "dropped",
    )


def refused_join(
    error: PartylineError, listed: Party | None, there: Party | None = None, account: AccountFacts | None = None
) -> PartylineError:
    """Return the likely meaning of a refused join.

    `listed` is the party as the list of parties shows it to us. `there` is the party that this device is in already.
    An error that passes by itself is returned unchanged.
    """
    hint = account.hint if account else None
    if isinstance(error, NotFoundError):
        return _party_error(error, "gone", "That party does not exist (any more).", "Ask for a new link or invitation.")
    if not isinstance(error, RefusedError) or isinstance(error, AppTooOldError):
        return error
    return _conflict(error, listed, there) if error.status == CONFLICT else _not_let_in(error, listed, hint)


def _not_let_in(error: RefusedError, listed: Party | None, hint: tuple[str, str] | None) -> PartylineError:
    if listed is not None and len(listed.members) >= listed.max_members:
        return _party_error(error, "full", *_full(listed.name, len(listed.members), listed.max_members))
    if hint is not None and (listed is None or listed.open is not False):
        return _party_error(error, "account", f"The party did not let this account in. {hint[0]}", hint[1])
    if error.status == FORBIDDEN:
        return _party_error(error, "closed", *_closed(listed.name if listed else ""))
    return error


def refused_create(error: RefusedError, account: AccountFacts) -> PartylineError:
    """Return the meaning of a refused create, which is the account's hint, or the refusal if there is none."""
    if account.hint is None or isinstance(error, AppTooOldError):
        return error
    return _party_error(
        error, "account", f"PlayStation did not let this account create a party. {account.hint[0]}", account.hint[1]
    )


def _conflict(error: RefusedError, listed: Party | None, there: Party | None) -> PartyError:
    if there is not None and (listed is None or there.session_id != listed.session_id):
        named = f" {there.name!r}" if there.name else ""
        return _party_error(
            error,
            "elsewhere",
            f"This account's phone (or an earlier partyline) is still in another party{named}.",
            "Leave that one in the PlayStation App or wait a minute, then join again.",
        )
    where = "that party" if there is not None else "a party"
    return _party_error(
        error,
        "elsewhere",
        f"PlayStation still lists this account's phone (or an earlier partyline) in {where}. Leaving did not help.",
        "Leave it in the PlayStation App or wait a minute, then join again.",
    )


def unread(error: PartylineError, code: str) -> PartyError:
    """Return the problem that we are in a party whose members are not known yet."""
    return PartyError(
        f"Joined, but the party's members cannot be read yet: {error.message}",
        "It is retried automatically. Members who join or connect from now on are heard already.",
        code=code,
        reference_id=error.reference_id,
    )


def unconfirmed(error: PartylineError) -> str:
    """Return the sentences about a leave that the server did not confirm."""
    return f"PlayStation did not confirm it yet. The leave is retried until it does ({error.message.rstrip('.')})."


def rejoined(away_s: float, code: str) -> PartyError:
    minutes = max(1, round(away_s / 60))
    return PartyError(
        f"PlayStation had dropped this device from the party while it was away (about {minutes} min). "
        "It is in the party again.",
        "Nothing to do. `rejoin_s = 0` under `[session]` turns the automatic rejoin off.",
        code=code,
    )


def unknown_link(error: NotFoundError) -> PartyError:
    words = "No party has that link. The party has ended, or the link is incomplete."
    return _party_error(error, "gone", words, "Ask for a new link.")


def nobody_called(online_id: str, error: NotFoundError) -> PartyError:
    """Return the error for an unknown user. 2105356 means that [seen]. Another 404 is assumed to mean the same."""
    return _party_error(error, "nobody", f"Nobody on PlayStation is called {online_id!r}.", "Check the spelling.")


def not_joinable(info: PartyInfo) -> PartyError:
    """Return why the party behind a link cannot be joined now, from its page."""
    if info.max_members and info.members >= info.max_members:
        message, remedy = _full(info.name, info.members, info.max_members)
        return PartyError(message, remedy, code="session.party-full")
    message, remedy = _closed(info.name)
    return PartyError(message, remedy, code="session.party-closed")


def _full(name: str, members: int, most: int) -> tuple[str, str]:
    return f"The party{_named(name)} is full: {members} of {most}.", "Join again when somebody has left."


def _closed(name: str) -> tuple[str, str]:
    return (
        f"The party{_named(name)} is not open to this account.",
        "Ask one of its members for an invitation or a share link.",
    )


def _named(name: str) -> str:
    return f" {name!r}" if name else ""


def _party_error(error: PsnError, kind: str, message: str, remedy: str) -> PartyError:
    code = f", code {error.sony_code}" if error.sony_code else ""
    quoted = f" PlayStation says: {error.status} {error.sony_message or '(no words)'}{code}."
    return PartyError(message + quoted, remedy, code=f"session.party-{kind}", reference_id=error.reference_id)
