"""Each end of a party, as a person reads it, in a simulated realm."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.requests import JoinParty
from tests.workers.session.realm import realm


async def test_kick_end_full_closed_and_gone_are_five_different_things(home: Path) -> None:
    async with realm(home) as there:
        session_id = there.info["session_id"]
        first = await there.ask(JoinParty(target=session_id))
        assert await there.ask(JoinParty(target=session_id)) == first  # already in it: no move at all
        assert sum(call.endswith("/members") for call in await there.rig.calls()) == 1

        await there.control("kick", {"accountId": there.me})
        kicked = await there.state("the kick is said", phase="none", end="removed")
        assert kicked.reason == "You are no longer in the party. NovaKite removed you."

        await there.control("party", {"sessionId": session_id, "maxMembers": 3})
        for target in (session_id, there.info["party_link"]):
            with pytest.raises(PartylineError, match="is full: 3 of 3") as refused:
                await there.ask(JoinParty(target=target))
            assert refused.value.code == "session.party-full"
        full = await there.state("the refusal is said", phase="none", end="refused")
        assert "is full" in full.reason

        await there.control("party", {"sessionId": session_id, "maxMembers": 16, "joinableUserType": "INVITE_ONLY"})
        with pytest.raises(PartylineError, match="is not open to this account") as refused:
            await there.ask(JoinParty(target=session_id))
        assert (refused.value.code, bool(refused.value.reference_id)) == ("session.party-closed", True)

        await there.ask(JoinParty(target=there.info["party_link"]))  # the link opens it
        await there.control("end-party", {"sessionId": session_id, "cause": "SESSION_CLOSED"})
        ended = await there.state("the end is said", phase="none", end="ended")
        assert ended.reason == "The party has ended (SESSION_CLOSED)."

        for target in (session_id, there.info["party_link"]):
            with pytest.raises(PartylineError, match=r"does not exist|No party has that link") as refused:
                await there.ask(JoinParty(target=target))
            assert refused.value.code == "session.party-gone"
