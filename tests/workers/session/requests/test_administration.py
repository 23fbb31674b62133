"""Making a party, changing it, inviting into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import PartyState
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
)
from tests.workers.session.realm import BO, realm


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
        with pytest.raises(PartylineError, match="Already in the party"):
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
