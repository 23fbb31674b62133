"""What the list of parties answers when something went wrong: why a join was refused, and where we are."""

from __future__ import annotations

import structlog

from common.errors import PartylineError
from common.psn.errors import RefusedError
from workers.session import ends
from workers.session.calls import PartyCalls
from workers.session.memory import Memory


async def why(calls: PartyCalls, error: PartylineError, tried: Memory) -> PartylineError:
    """Return what a refused join means, which the list of parties shows better than Sony's codes."""
    if not tried.session_id and not (isinstance(error, RefusedError) and error.status == ends.CONFLICT):
        return error
    if not isinstance(error, RefusedError):
        return ends.refused_join(error, None)
    try:
        parties = await calls.parties([tried.session_id])
    except PartylineError as unknown:
        structlog.get_logger("session").info("why the join was refused stays unknown", error=unknown.message)
        return ends.refused_join(error, None)
    listed = next((party for party in parties if party.session_id.lower() == tried.session_id.lower()), None)
    elsewhere = next((party for party in parties if party.has(tried.account_id, tried.platform)), None)
    return ends.refused_join(error, listed, elsewhere)


async def made_party(calls: PartyCalls, kept: Memory) -> str:
    """Return the id of a party that we made without hearing the answer, "" for none.

    We are alone in it; one with others is where the account's phone is, and none of our business.
    """
    parties = await calls.parties()
    mine = (party for party in parties if party.has(kept.account_id, kept.platform))
    return next((party.session_id for party in mine if len(party.members) == 1), "")
