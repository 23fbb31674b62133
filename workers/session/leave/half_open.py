"""Half-open memberships: what we are still in after a lost answer or a failed leave, which blocks the next join."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from common.errors import PartylineError
from common.psn.errors import RefusedError
from common.psn.party.sessions import Party
from workers.session import end_reasons
from workers.session.calls.party_calls import PartyCalls
from workers.session.memory import PartyMemory


class UnconfirmedLeaves(Protocol):
    """The leaves that are not confirmed."""

    def pending(self) -> tuple[str, ...]:
        """Return their session ids."""

    def drop(self, session_id: str) -> bool:
        """Remove one. Return whether it was there."""


async def entered(
    calls: PartyCalls, tried: PartyMemory, leaves: UnconfirmedLeaves, enter: Callable[[PartyMemory], Awaitable[Party]]
) -> Party:
    """Enter. If a half-open membership blocks it, leave that one and try again, once [seen: chiaki]."""
    try:
        return await enter(tried)
    except RefusedError as error:
        if error.status != end_reasons.CONFLICT or not await _freed(calls, tried, leaves):
            raise
    structlog.get_logger("session").info("a half-open membership was left, and the join is repeated")
    return await enter(tried)


async def _freed(calls: PartyCalls, tried: PartyMemory, leaves: UnconfirmedLeaves) -> bool:
    """Leave what blocks us after a 409, if we may leave it. Return whether another try is worthwhile.

    We may leave the party that is tried, and parties whose leave is not confirmed. The account's phone is in any
    other one.
    """
    try:
        parties = await calls.parties([tried.session_id] if tried.session_id else [])
        there = next((p.session_id for p in parties if p.has(tried.account_id, tried.platform)), "")
        ours = {one.lower() for one in (tried.session_id, *leaves.pending()) if one}
        if there and there.lower() not in ours:
            return False
        blocking = (there,) if there else (tried.session_id, *leaves.pending())
        found = [one for one in dict.fromkeys(blocking) if one]
        for session_id in found:
            await calls.leave(session_id)
            leaves.drop(session_id)
    except PartylineError as error:
        structlog.get_logger("session").info("what blocks the join could not be left", error=error.message)
        return False
    return bool(found)


async def find_created(calls: PartyCalls, account_id: str, platform: str) -> str:
    """Return the id of a party that we created without receiving the answer, or "".

    We are alone in it. The account's phone is in one with other members.
    """
    parties = await calls.parties()
    mine = (party for party in parties if party.has(account_id, platform))
    return next((party.session_id for party in mine if len(party.members) == 1), "")
