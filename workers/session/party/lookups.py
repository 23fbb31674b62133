"""Diagnosis of a refused join or a lost membership by the list of parties."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.psn.errors import BadAnswerError, NotAMemberError, RefusedError
from common.psn.party.sessions import Party
from workers.session import ends
from workers.session.calls import PartyCalls
from workers.session.party.memory import Memory
from workers.session.party.present import Present

JUST_JOINED_S = 15.0
"""Within this time after joining, a party that does not list us is late, not gone."""


class Leaving(Protocol):
    """The leaves that are not confirmed."""

    def pending(self) -> tuple[str, ...]:
        """Return their session ids."""

    def drop(self, session_id: str) -> bool:
        """Remove one. Return whether it was there."""


async def why(calls: PartyCalls, error: PartylineError, tried: Memory, who: ends.Who) -> PartylineError:
    """Return what a refused join or create means. The list of parties shows it better than Sony's codes."""
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


async def entered(
    calls: PartyCalls, tried: Memory, leaving: Leaving, enter: Callable[[Memory], Awaitable[Party]]
) -> Party:
    """Enter. If a half-open membership blocks it, leave that one and try again, once [seen: chiaki]."""
    try:
        return await enter(tried)
    except RefusedError as error:
        if error.status != ends.CONFLICT or not await freed(calls, tried, leaving):
            raise
    structlog.get_logger("session").info("a half-open membership was left; joining again")
    return await enter(tried)


async def freed(calls: PartyCalls, tried: Memory, leaving: Leaving) -> bool:
    """Leave what blocks us after a 409, if we may leave it. Return whether another try is worthwhile.

    We may leave the party that is tried, and parties whose leave is not confirmed. The account's phone is in any
    other one.
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


async def verdict(calls: PartyCalls, kept: Memory, present: Present, now: Moment) -> tuple[str, ends.End]:
    """Return what it means that the server does not list us. Raises `BadAnswerError` while the server may be late.

    An event that reported our removal, or the party's end, decides.
    """
    if present.table.end:
        return present.table.reason, present.table.end
    if kept.joined is not None and kept.joined.ago_s(now) < JUST_JOINED_S:
        raise BadAnswerError("PlayStation does not show us in the party yet.")
    if present.shown:
        return ends.MISSED, "dropped"
    parties = await calls.parties([kept.session_id])
    if any(_is(p.session_id, kept.session_id) and p.has(kept.account_id, kept.platform) for p in parties):
        raise BadAnswerError("PlayStation lists us in the party, but does not show it.")
    return ends.NOT_SHOWN, "gone"


async def made_party(calls: PartyCalls, account_id: str, platform: str) -> str:
    """Return the id of a party that we created without receiving the answer, or "".

    We are alone in it. The account's phone is in one with other members.
    """
    parties = await calls.parties()
    mine = (party for party in parties if party.has(account_id, platform))
    return next((party.session_id for party in mine if len(party.members) == 1), "")


def _is(one: str, other: str) -> bool:
    return bool(one) and one.lower() == other.lower()
