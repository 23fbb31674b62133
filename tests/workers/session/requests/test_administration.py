"""Making a party, changing it, inviting into it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from common.errors import PartylineError
from common.messages import PartyState
from common.psn.errors import RefusedError, UnreachableError
from common.psn.party.sessions import Party, PartyMember
from common.requests import (
    CreateParty,
    FindPictures,
    Invited,
    InvitePeople,
    JoinParty,
    LeaveParty,
    ListParties,
    RenameParty,
    SetVisibility,
    Token,
)
from tests.workers.session.realm import BO, realm
from workers.session.member.membership import Membership
from workers.session.memory import MemoryFile


async def test_a_party_is_made_renamed_opened_and_filled_and_survives_a_kill(home: Path) -> None:
    async with realm(home) as there:
        bo = await there.person()
        made = await there.ask(CreateParty(name="Raid"))
        party = await there.party(made.session_id)
        assert party
        assert (made.phase, made.name, [m.is_me and m.is_host for m in made.members]) == ("joined", "Raid", [True])
        assert (party["visibilityType"], party["joinableUserType"], party["maxMembers"]) == (
            "INVITE_ONLY",
            "INVITE_ONLY",
            16,
        )
        assert (await bo.join(made.session_id)).status == 403

        with pytest.raises(PartylineError, match="Nobody on PlayStation is called 'No-Such'") as nobody:
            await there.ask(InvitePeople(online_ids=(BO[1], "No-Such")))
        assert "2105356" in nobody.value.message
        assert bo.push == []  # all of them or nobody
        assert await there.ask(InvitePeople(online_ids=("bo-streams",))) == Invited(online_ids=(BO[1],))
        await bo.event("invitations:created")
        assert (await bo.join(made.session_id)).status == 201
        await there.rig.until(lambda: len(there.rig.now(PartyState).members) == 2, "Bo is seen")  # type: ignore[union-attr]
        with pytest.raises(PartylineError, match="in the party already"):
            await there.ask(InvitePeople(online_ids=(BO[1],)))

        pictures = await there.ask(FindPictures(account_ids=(BO[0], "1")))
        assert pictures.urls == {BO[0]: f"{there.info['mobile_url'].removesuffix('/mobile')}/pictures/{BO[0]}_xl.png"}

        await there.ask(RenameParty(name=" Friday raid "))
        await there.state("the new name is seen", name="Friday raid")
        for wanted, words in ((True, ("FRIENDS_ONLY", "FRIENDS")), (False, ("INVITE_ONLY", "INVITE_ONLY"))):
            await there.ask(SetVisibility(open=wanted))
            party = await there.party(made.session_id)
            assert party
            assert (party["visibilityType"], party["joinableUserType"]) == words
            await there.state("everybody knows who may join", open=wanted)

        there.rig.again("session", env=there.env)
        await there.ask(ListParties())
        again = await there.state("it goes on", phase="joined")
        assert (again.session_id, again.joined_at) == (made.session_id, made.joined_at)

        opened = await there.ask(CreateParty(open=True))  # leaves the other one
        assert [one["accountId"] for one in (await there.party(made.session_id) or {})["members"]] == [BO[0]]
        assert (await bo.leave(made.session_id)).status == 204
        assert (await bo.join(opened.session_id)).status == 201
        refusals = [entry["reason"] for entry in await there.control("violations")]
        assert refusals == ["the party is for invited people, and no link's id was sent"]  # Bo's own first try


async def test_without_a_party_there_is_nothing_to_change(home: Path) -> None:
    async with realm(home) as there:
        for request in (RenameParty(name="x"), SetVisibility(open=True), InvitePeople(online_ids=("x",))):
            with pytest.raises(PartylineError, match=r"There is no party\.") as refused:
                await there.ask(request)
            assert "partyline create" in refused.value.remedy
        await there.ask(JoinParty(target=there.info["session_id"]))
        for request in (RenameParty(name=" "), InvitePeople(online_ids=(" ",))):
            with pytest.raises(PartylineError):
                await there.ask(request)
        await there.ask(LeaveParty())
        assert await there.control("violations") == []


class Calls:
    """Makes no party that it speaks of; `listed` are the parties there are."""

    def __init__(self, failure: PartylineError, listed: Sequence[Party]) -> None:
        self.failure = failure
        self.listed = listed
        self.left: list[str] = []

    async def create(self, *_: Any, **__: Any) -> Party:
        raise self.failure

    async def parties(self, _: Sequence[str] = ()) -> Sequence[Party]:
        return self.listed

    async def leave(self, session_id: str) -> None:
        self.left.append(session_id)


class Tokens:
    async def token(self, rejected: str = "") -> Token:
        return Token(access_token=rejected or "t", account_id="1", duid="d", expires_at=time.time() + 999)


def party(session_id: str, *accounts: str) -> Party:
    members = tuple(PartyMember(account_id=one, platform="MOBILE_APP") for one in accounts)
    return Party(session_id=session_id, members=members)


ELSEWHERE = RefusedError("x", status=409)


@pytest.mark.parametrize(
    ("failure", "listed", "left"),
    [
        (UnreachableError("no answer"), [party("a", "2"), party("b", "1")], ["b"]),
        (UnreachableError("no answer"), [party("phone", "1", "2")], []),
        (ELSEWHERE, [party("phone", "1")], []),
    ],
)
async def test_a_party_made_without_an_answer_is_left_but_never_the_phones_one(
    home: Path, failure: PartylineError, listed: list[Party], left: list[str]
) -> None:
    said: list[PartyState] = []
    calls = Calls(failure, listed)
    memory = MemoryFile(home / "m.json", "here")
    membership = Membership(calls, Tokens(), memory, said.append, lambda _: None)  # type: ignore[arg-type]

    async def push_open() -> None:
        return None

    with pytest.raises(PartylineError):
        await membership.create("", "MOBILE_APP", push_open, open_to_friends=False)
    assert calls.left == left
    assert (said[-1].phase, said[-1].end) == ("none", "refused")
    assert memory.now.phase == "none"
