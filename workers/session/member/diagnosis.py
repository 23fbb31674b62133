"""Diagnosis of a refused join or a lost membership by the list of parties."""

from __future__ import annotations

import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.psn.errors import BadAnswerError, NotAMemberError, RefusedError
from workers.session import end_reasons
from workers.session.calls.party_calls import PartyCalls
from workers.session.memory import PartyMemory
from workers.session.party.current import CurrentParty

JUST_JOINED_S = 15.0
"""Within this time after joining, a party that does not list us is late, not gone."""


async def meaning_of_refusal(
    calls: PartyCalls, error: PartylineError, tried: PartyMemory, account: end_reasons.AccountFacts
) -> PartylineError:
    """Return what a refused join or create means. The list of parties shows it better than Sony's codes."""
    if not isinstance(error, RefusedError) or isinstance(error, NotAMemberError):
        return end_reasons.refused_join(error, None) if tried.session_id else error
    if not tried.session_id and error.status != end_reasons.CONFLICT:
        return end_reasons.refused_create(error, account)
    try:
        parties = await calls.parties([tried.session_id] if tried.session_id else [])
    except PartylineError as unknown:
        structlog.get_logger("session").info("the reason for the refused join is not known", error=unknown.message)
        return end_reasons.refused_join(error, None, account=account)
    listed = next((party for party in parties if _is(party.session_id, tried.session_id)), None)
    there = next((party for party in parties if party.has(tried.account_id, tried.platform)), None)
    return end_reasons.refused_join(error, listed, there, account)


async def meaning_of_absence(
    calls: PartyCalls, memory: PartyMemory, party: CurrentParty, now: Moment
) -> tuple[str, end_reasons.End]:
    """Return what it means that the server does not list us. Raises `BadAnswerError` while the server may be late.

    An event that reported our removal, or the party's end, decides.
    """
    if party.events.end:
        return party.events.reason, party.events.end
    if memory.joined is not None and memory.joined.ago_s(now) < JUST_JOINED_S:
        raise BadAnswerError("PlayStation does not show us in the party yet.")
    if party.shown:
        return end_reasons.MISSED, "dropped"
    parties = await calls.parties([memory.session_id])
    if any(_is(p.session_id, memory.session_id) and p.has(memory.account_id, memory.platform) for p in parties):
        raise BadAnswerError("PlayStation lists us in the party, but does not show it.")
    return end_reasons.NOT_SHOWN, "gone"


def _is(one: str, other: str) -> bool:
    return bool(one) and one.lower() == other.lower()
