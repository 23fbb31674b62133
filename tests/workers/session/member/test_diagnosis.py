"""What a refusal, or an absence from the party, means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from common.basic.clock import Moment
from common.errors import PartylineError
from common.psn.errors import BadAnswerError, NotAMemberError, RefusedError, ServerFaultError, UnreachableError
from common.psn.party.push import Order
from common.psn.party.sessions import Party, PartyMember
from workers.session.end_reasons import AccountFacts
from workers.session.member.diagnosis import JUST_JOINED_S, meaning_of_absence, meaning_of_refusal
from workers.session.memory import PartyMemory
from workers.session.party.current import CurrentParty

TRIED = PartyMemory(session_id="s", account_id="1", platform="MOBILE_APP")
NOW = Moment(boot="b", boot_s=1000.0, unix=1e9)
REFUSED = RefusedError("x", status=409)


class Lists:
    """The list of parties, or its error."""

    def __init__(self, *listed: Party, error: PartylineError | None = None) -> None:
        self.listed = listed
        self.error = error

    async def parties(self, _: Sequence[str] = ()) -> Sequence[Party]:
        if self.error is not None:
            raise self.error
        return self.listed


def party(session_id: str, *accounts: str) -> Party:
    members = tuple(PartyMember(account_id=one, platform="MOBILE_APP") for one in accounts)
    return Party(session_id=session_id, name="Raid", members=members, max_members=16)


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        (Lists(party("other", "1")), "is still in another party 'Raid'"),
        (Lists(party("S", "1")), "in that party"),
        (Lists(error=UnreachableError("no answer")), "in a party"),
    ],
)
async def test_a_conflict_is_explained_by_the_list_of_parties(lists: Lists, words: str) -> None:
    meant = await meaning_of_refusal(lists, REFUSED, TRIED, AccountFacts())  # type: ignore[arg-type]
    assert words in meant.message


async def test_what_passes_by_itself_is_not_looked_up() -> None:
    lists = Lists(error=AssertionError())  # type: ignore[arg-type]
    fault = ServerFaultError("x", status=503)
    assert await meaning_of_refusal(lists, fault, TRIED, AccountFacts()) is fault  # type: ignore[arg-type]
    refused = RefusedError("x", status=403)
    created = msgspec.structs.replace(TRIED, session_id="")
    assert await meaning_of_refusal(lists, refused, created, AccountFacts()) is refused  # type: ignore[arg-type]
    child = await meaning_of_refusal(lists, refused, created, AccountFacts(is_child=True))  # type: ignore[arg-type]
    assert "did not let this account create a party" in child.message
    nobody = NotAMemberError("x", status=404)
    assert await meaning_of_refusal(lists, nobody, created, AccountFacts()) is nobody  # type: ignore[arg-type]


def current(*, shown: bool) -> CurrentParty:
    made = CurrentParty(TRIED, Order("c"))
    made.merge_view(party("s", "2") if shown else None, [])
    return made


async def absence(lists: Lists, joined_s: float, *, shown: bool) -> tuple[str, str]:
    memory = msgspec.structs.replace(TRIED, phase="joined", joined=NOW.earlier(joined_s))
    return await meaning_of_absence(lists, memory, current(shown=shown), NOW)  # type: ignore[arg-type]


async def test_we_are_dropped_when_the_party_is_shown_without_us_and_it_is_gone_when_no_list_has_it() -> None:
    assert (await absence(Lists(), JUST_JOINED_S + 1, shown=True))[1] == "dropped"
    assert (await absence(Lists(party("s", "2")), JUST_JOINED_S + 1, shown=False))[1] == "gone"


async def test_while_the_server_may_be_late_nothing_is_decided() -> None:
    with pytest.raises(BadAnswerError):
        await absence(Lists(), JUST_JOINED_S - 1, shown=True)
    with pytest.raises(BadAnswerError):
        await absence(Lists(party("s", "1")), JUST_JOINED_S + 1, shown=False)


async def test_an_event_that_said_so_decides(home: Path) -> None:
    made = current(shown=True)
    made.events.reason, made.events.end = "Bo removed you.", "removed"
    memory = msgspec.structs.replace(TRIED, phase="joined", joined=NOW)
    assert await meaning_of_absence(Lists(), memory, made, NOW) == ("Bo removed you.", "removed")  # type: ignore[arg-type]
