from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.basic.clock import Moment
from common.psn.party.sessions import Party, PartyMember
from workers.session.automatic.followed import Followed
from workers.session.automatic.player_search import PlayerSearch
from workers.session.invitations import ReceivedInvitations


class Calls:
    """Lists one party, if it is asked for by its id."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def me(self) -> tuple[str, str]:
        return "1", "MOBILE_APP"

    async def parties(self, also: Sequence[str] = ()) -> list[Party]:
        self.asked.append(list(also))
        entries = (PartyMember(account_id="2", platform="PS5"),)
        return [Party(session_id=session_id, members=entries) for session_id in also]


async def test_a_party_that_invited_us_is_searched_too(home: Path) -> None:
    calls, invitations = Calls(), ReceivedInvitations(home / "i.json", "here", lambda _: None)
    search = PlayerSearch(calls, calls, invitations)  # type: ignore[arg-type]
    bo = Followed(account_id="2", online_id="Bo")
    assert await search.search(bo) == ""
    invitations.on_listed([("s", "3", "Cy")], Moment.now())
    assert await search.search(bo) == "s"
    assert await search.search(Followed(account_id="2", shunned=("s",))) == ""
    assert calls.asked == [[], ["s"], ["s"]]
