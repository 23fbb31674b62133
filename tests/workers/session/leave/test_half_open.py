"""A membership that is half left: it blocks nothing for long, and is forgotten never."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import PushState
from common.requests import CreateParty, JoinParty, LeaveParty
from tests.support.waiting import until
from tests.workers.session.realm import Realm, realm

DELETES = {"path": "/mobile/api/sessionManager/v2/", "method": "DELETE", "status": 503}


async def push_is_open(there: Realm) -> None:
    await there.rig.until(lambda: (now := there.rig.now(PushState)) and now.connected, "push is open")


@pytest.mark.parametrize("way", ["409", "keeps-entry"])
async def test_a_party_that_we_are_still_in_is_left_and_joined_again_by_itself(home: Path, way: str) -> None:
    async with realm(home) as there:
        await push_is_open(there)
        await there.way("party.join-again", way)
        await there.way("push.voice-chat-first", "not-demanded")  # the phone has no channel of its own here
        phone = await there.phone()
        assert (await phone.join()).status == 201  # what an earlier run left behind
        state = await there.ask(JoinParty(target=there.info["session_id"]))
        assert (state.phase, state.members_known) == ("joined", True)
        joins, leaves = await there.count("POST", "/members"), await there.count("DELETE", "/members/me")
        assert (joins, leaves) == ((3, 1) if way == "409" else (2, 0))
        assert await there.control("violations") == []


async def test_where_the_phone_is_elsewhere_it_is_said_and_the_phone_stays_there(home: Path) -> None:
    async with realm(home) as there:
        await push_is_open(there)
        await there.way("push.voice-chat-first", "not-demanded")
        phone = await there.phone()
        elsewhere = await phone.create(sessionName="Phones")
        with pytest.raises(PartylineError, match="is still in another party 'Phones'") as refused:
            await there.ask(JoinParty(target=there.info["session_id"]))
        assert refused.value.code == "session.party-elsewhere"
        assert there.me not in [m["accountId"] for m in (await there.party(there.info["session_id"]) or {})["members"]]
        assert await there.party(elsewhere)


async def test_a_leave_that_fails_before_a_join_is_finished_within_it(home: Path) -> None:
    async with realm(home) as there:
        first = await there.ask(CreateParty(name="First"))
        await there.control("faults", {**DELETES, "times": 2})
        second = await there.ask(JoinParty(target=there.info["session_id"]))
        assert (second.phase, second.session_id) == ("joined", there.info["session_id"])
        assert await there.party(first.session_id) is None, "the first party was left, and so it ended"
        await there.state("nothing is left to be done", unconfirmed=0)


async def test_a_leave_without_an_answer_holds_nobody_up_and_survives_a_kill(home: Path) -> None:
    async with realm(home) as there:
        made = await there.ask(CreateParty(name="First"))
        await there.control("faults", {**DELETES, "times": 0})
        done = await there.ask(LeaveParty())
        assert done.message.startswith("Left the party here. PlayStation did not confirm it yet.")
        await there.state("it is known", phase="none", unconfirmed=1)
        assert "1 earlier leave not confirmed yet (repeated)" in (await there.cli("status"))[1]
        there.rig.again("session", env=there.env)
        await there.rig.until(lambda: there.rig.processes["session"].output, "session is back")
        await there.control("scenario", {"name": "calm"})
        await there.state("it is confirmed", phase="none", unconfirmed=0)
        assert await there.party(made.session_id) is None


async def test_a_join_of_the_party_that_is_still_to_be_left_is_not_undone_later(home: Path) -> None:
    async with realm(home) as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await there.control("faults", {**DELETES, "times": 2})
        await there.ask(LeaveParty())
        again = await there.ask(JoinParty(target=there.info["session_id"]))
        assert (again.phase, again.unconfirmed) == ("joined", 0)
        await there.state("it is told", phase="joined", joined_at=again.joined_at)
        assert there.me in [m["accountId"] for m in (await there.party(there.info["session_id"]) or {})["members"]]


async def named(there: Realm) -> None:
    """Wait until joining is over, to the last call."""

    async def so() -> bool:
        members = (await there.party(there.info["session_id"]) or {"members": []})["members"]
        return any(one.get("customData3") for one in members if one["accountId"] == there.me)

    await until(so, "we have named the others", every_s=0.05)


async def test_code_2233351_means_that_the_party_is_left(home: Path) -> None:
    async with realm(home, PARTYLINE_SESSION__REJOIN_S="0") as there:
        await there.ask(JoinParty(target=there.info["session_id"]))
        await named(there)
        there.rig.processes["signaling"].kill()  # so that no event tells it
        assert (await (await there.phone()).leave()).status == 204
        code, out, err = await there.cli("rename", "x")
        assert (code, out) == (1, "")
        assert "2233351" in err
        state = await there.state("the party is taken as left", phase="none", end="dropped")
        assert "not one of its members" in state.reason
