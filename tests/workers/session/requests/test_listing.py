from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from common.basic.clock import Moment
from common.errors import PartyError
from common.psn.errors import NotFoundError, RefusedError
from common.psn.party.sessions import Party, PartyMember
from tests.workers.session.member.rig import HERE, MembershipRig
from workers.session.invitations import ReceivedInvitations
from workers.session.requests.listing import PartyListing

OWNER = PartyMember(account_id="2", platform="PS5", online_id="Bo")


class Lookups:
    def __init__(self, *invitations: tuple[str, str, str], groups: Sequence[str] = ()) -> None:
        self.listed = list(invitations)
        self.groups = list(groups)

    async def invitations(self) -> list[tuple[str, str, str]]:
        if not self.listed:
            raise NotFoundError("x", status=404)
        return self.listed

    async def open_parties(self) -> list[str]:
        if not self.groups:
            raise RefusedError("x", status=403)
        return self.groups


def party(session_id: str, *, joinable: bool = True) -> Party:
    return Party(session_id=session_id, owner="2", owner_platform="PS5", members=(OWNER,), joinable=joinable)


def listing(home: Path, lookups: Lookups, *listed: Party) -> tuple[PartyListing, MembershipRig, ReceivedInvitations]:
    there = MembershipRig(home)
    there.calls.listed = listed
    invitations = ReceivedInvitations(home / "i.json", "here", lambda _: None)
    return PartyListing(there.calls, lookups, there.membership, invitations), there, invitations  # type: ignore[arg-type]


async def test_each_party_stands_as_we_stand_to_it(home: Path) -> None:
    made, there, _ = listing(home, Lookups(("invited", "2", "Bo")), party(HERE), party("INVITED"), party("open"))
    await there.join()
    found = {one.session_id: one for one in await made.parties()}
    assert {key: (one.standing, one.invited_by, one.owner) for key, one in found.items()} == {
        HERE: ("in", "", "Bo"),
        "INVITED": ("invited", "Bo", "Bo"),
        "open": ("open", "", "Bo"),
    }


async def test_an_invitation_that_is_listed_nowhere_is_a_party_all_the_same(home: Path) -> None:
    made, _, invitations = listing(home, Lookups(), party("open"))
    invitations.on_listed([("pushed", "2", "")], Moment.now())
    assert [(one.session_id, one.standing, one.invited_by) for one in await made.parties()] == [
        ("open", "open", ""),
        ("pushed", "invited", "2"),
    ]
    assert await made.only_party() == "pushed"


@pytest.mark.parametrize(
    ("listed", "words"),
    [((), "There is no party to join."), ((party("a"), party("b")), "There are 2 parties to join.")],
)
async def test_without_one_party_to_choose_it_says_how_many_there_are(
    home: Path, listed: tuple[Party, ...], words: str
) -> None:
    made, _, _ = listing(home, Lookups(), *listed, party("full", joinable=False))
    with pytest.raises(PartyError) as error:
        await made.only_party()
    assert error.value.message == words


async def test_the_party_that_invited_us_is_chosen_before_open_ones(home: Path) -> None:
    made, _, _ = listing(home, Lookups(("b", "2", "Bo"), groups=["a"]), party("a"), party("b"))
    assert await made.only_party() == "b"
