"""Why a party is over, or could not be joined (or somebody not found): each case in plain words. No I/O.

Which of Sony's codes means what is [open], so a refusal is explained by what the lists of parties show,
and Sony's own words stand beside it.
"""

from __future__ import annotations

from typing import Literal

from common.errors import PartyError, PartylineError
from common.psn.errors import NotFoundError, PsnError, RefusedError
from common.psn.sessions import Party, PartyInfo

End = Literal["", "ended", "removed", "dropped", "gone", "left", "refused"]

FORBIDDEN = 403
CONFLICT = 409
GONE = "session.party-gone"
_LAST_LEFT = "LAST_MEMBER_LEFT"
"""`deletedEvenCause` of a party that everybody has left [seen]."""
_LONGEST = 60

MISSED = "You are no longer in the party: you were taken out of it while nobody was listening here."
NOT_SHOWN = "The party has ended, or you are no longer in it: PlayStation does not show it any more."


def party_ended(cause: str) -> str:
    if cause == _LAST_LEFT:
        return f"The party has ended: its last member left ({cause})."
    return f"The party has ended ({cause[:_LONGEST]})." if cause else "The party has ended."


def taken_out(by: str) -> str:
    """Say that our entry was deleted; `by` is who else is named as the sender, "" for nobody [read]."""
    if by:
        return f"You are no longer in the party: {by} took you out of it."
    return "You are no longer in the party: your account left it elsewhere, or PlayStation dropped this device."


def refused_join(error: PartylineError, listed: Party | None, elsewhere: Party | None = None) -> PartylineError:
    """Return what a refused join really means.

    `listed` is the party as the list of parties shows it to us, `elsewhere` one that this very device of
    the account is in already. What passes by itself comes back as it is.
    """
    if isinstance(error, NotFoundError):
        return _party_error(error, "gone", "That party does not exist (any more).", "Ask for a new link or invitation.")
    if not isinstance(error, RefusedError):
        return error
    if error.status == CONFLICT:
        where = f" {elsewhere.name!r}" if elsewhere and elsewhere.name else ""
        return _party_error(
            error,
            "elsewhere",
            f"This account's phone (or an earlier partyline) is still in another party{where}.",
            "Leave that one in the PlayStation App, or wait a minute, then join again.",
        )
    if listed is not None and len(listed.members) >= listed.max_members:
        return _party_error(error, "full", *_full(listed.name, len(listed.members), listed.max_members))
    if error.status == FORBIDDEN:
        return _party_error(error, "closed", *_closed(listed.name if listed else ""))
    return error


def link_leads_nowhere(error: NotFoundError) -> PartyError:
    words = "No party has that link: the party has ended, or the link is incomplete."
    return _party_error(error, "gone", words, "Ask for a new link.")


def nobody_called(online_id: str, error: NotFoundError) -> PartyError:
    """2105356 says that there is no such user [seen]; another 404 is taken to mean the same."""
    return _party_error(error, "nobody", f"Nobody on PlayStation is called {online_id!r}.", "Check the spelling.")


def not_joinable(info: PartyInfo) -> PartyError:
    """Return why the party behind a link cannot be joined now, as its page tells."""
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
    said = f" PlayStation says: {error.status} {error.sony_message or '(no words)'}{code}."
    return PartyError(message + said, remedy, code=f"session.party-{kind}", reference_id=error.reference_id)
