"""Each end of a party, and each refusal, is said as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.psn.errors import NotFoundError, RefusedError, ServerFaultError
from common.psn.party.sessions import Party, PartyInfo, PartyMember
from common.requests import JoinParty
from tests.workers.session.realm import realm
from workers.session import end_reasons

REFUSED = RefusedError("x", status=403, sony_code=7, sony_message="Forbidden", reference_id="r-1")


def party(members: int, most: int) -> Party:
    return Party(
        session_id="s",
        name="Night",
        max_members=most,
        members=tuple(PartyMember(account_id=str(n), platform="PS5") for n in range(members)),
    )


@pytest.mark.parametrize(
    ("error", "listed", "code", "words"),
    [
        (REFUSED, party(4, 4), "session.party-full", "The party 'Night' is full: 4 of 4."),
        (REFUSED, party(3, 4), "session.party-closed", "The party 'Night' is not open to this account."),
        (REFUSED, None, "session.party-closed", "The party is not open to this account."),
        (RefusedError("x", status=409), None, "session.party-elsewhere", "in a party. Leaving did not help."),
        (NotFoundError("x", status=404), None, "session.party-gone", "does not exist (any more)."),
    ],
)
def test_a_refused_join_is_explained_with_sonys_words_beside_it(
    error: PartylineError, listed: Party | None, code: str, words: str
) -> None:
    found = end_reasons.refused_join(error, listed)
    assert found.code == code
    assert words in found.message
    assert "PlayStation says: 4" in found.message
    assert found.remedy
    assert found.reference_id == error.reference_id


def test_what_passes_by_itself_or_is_not_understood_comes_back_as_it_is() -> None:
    for error in (ServerFaultError("x", status=503), RefusedError("x", status=400)):
        assert end_reasons.refused_join(error, None) is error


def test_a_link_to_a_full_party_is_told_from_one_to_a_closed_party() -> None:
    full = end_reasons.not_joinable(PartyInfo(session_id="s", joinable=False, members=16, max_members=16))
    closed = end_reasons.not_joinable(PartyInfo(session_id="s", joinable=False, members=3, max_members=16))
    assert (full.code, closed.code) == ("session.party-full", "session.party-closed")


def test_an_unknown_cause_is_named_and_bounded() -> None:
    assert end_reasons.party_ended("") == "The party has ended."
    assert end_reasons.party_ended("SOMETHING") == "The party has ended (SOMETHING)."
    assert len(end_reasons.party_ended("x" * 900)) < 100


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
