"""What the list of parties answers when something went wrong: why a join was refused, and where we are."""

from __future__ import annotations

from typing import Protocol

import structlog

from common.errors import PartylineError
from common.psn.errors import NotAMemberError, RefusedError
from workers.session import ends
from workers.session.calls import PartyCalls
from workers.session.memory import Memory


class Leaving(Protocol):
    """What is known of leaves that are not confirmed."""

    def pending(self) -> tuple[str, ...]:
        """Return the session ids that are still to be left."""

    def drop(self, session_id: str) -> bool:
        """Take one out."""


async def why(calls: PartyCalls, error: PartylineError, tried: Memory, who: ends.Who) -> PartylineError:
    """Return what a refused join or create means, which the list of parties shows better than Sony's codes."""
    if not isinstance(error, RefusedError) or isinstance(error, NotAMemberError):
        return ends.refused_join(error, None) if tried.session_id else error
    if not tried.session_id and error.status != ends.CONFLICT:
        return ends.refused_create(error, who)
    try:
        parties = await calls.parties([tried.session_id] if tried.session_id else [])
    except PartylineError as unknown:
        structlog.get_logger("session").info("why the join was refused stays unknown", error=unknown.message)
        return ends.refused_join(error, None, who=who)
    listed = next((party for party in parties if _is(party.session_id, tried.session_id)), None)
    there = next((party for party in parties if party.has(tried.account_id, tried.platform)), None)
    return ends.refused_join(error, listed, there, who)


async def freed(calls: PartyCalls, tried: Memory, leaving: Leaving) -> bool:
    """After a 409: leave what blocks us, where that is ours to leave; return whether another try has a point.

    Ours are the very party that is tried, and parties that we left without the server's word. A third one is
    where the account's phone is, and none of our business.
    """
    try:
        parties = await calls.parties([tried.session_id] if tried.session_id else [])
        there = next((p.session_id for p in parties if p.has(tried.account_id, tried.platform)), "")
        ours = {one.lower() for one in (tried.session_id, *leaving.pending()) if one}
        if there and there.lower() not in ours:
            return False
        blocking = (there,) if there else (tried.session_id, *leaving.pending())
        found = [one for one in dict.fromkeys(blocking) if one]
        for session_id in found:
            await calls.leave(session_id)
            leaving.drop(session_id)
    except PartylineError as error:
        structlog.get_logger("session").info("what blocks the join could not be left", error=error.message)
        return False
    return bool(found)


async def lists_us(calls: PartyCalls, kept: Memory) -> bool:
    """Return whether the list of parties has this device in that party."""
    parties = await calls.parties([kept.session_id])
    return any(_is(p.session_id, kept.session_id) and p.has(kept.account_id, kept.platform) for p in parties)


async def made_party(calls: PartyCalls, account_id: str, platform: str) -> str:
    """Return the id of a party that we made without hearing the answer, "" for none.

    We are alone in it; one with others is where the account's phone is, and none of our business.
    """
    parties = await calls.parties()
    mine = (party for party in parties if party.has(account_id, platform))
    return next((party.session_id for party in mine if len(party.members) == 1), "")


def _is(one: str, other: str) -> bool:
    return bool(one) and one.lower() == other.lower()
