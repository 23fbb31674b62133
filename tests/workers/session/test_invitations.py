"""Invitations: remembered when they come by push only, listed, waited for, used up."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.basic.clock import Moment
from common.messages import Invitation, Invitations, PartyState, PushEvent, PushState
from common.psn.party.push import PREFIX
from common.requests import JoinParty, ListParties
from tests.common.psn.party.test_push import JSON
from tests.simulator.client import V2, Client
from tests.workers.session.realm import BO, Realm, realm
from workers.session.events.event_kind import kind_of
from workers.session.invitations import LONGEST_S, MOST, ReceivedInvitations

ME = "5012345678901234567"


def event(session_id: str, name: str = "outside:v2:ps:invitations:created", sender: str = BO[0]) -> PushEvent:
    properties = {"customProperties": {"from": {"accountId": sender, "onlineId": BO[1]}}}
    return PushEvent(
        epoch="e", number=1, data_type=PREFIX + name, session_id=session_id, from_account_id=sender, data=properties
    )


def invited(home: Path, place: str = "here") -> tuple[ReceivedInvitations, list[Invitations]]:
    said: list[Invitations] = []
    made = ReceivedInvitations(home / "i.json", place, said.append)
    made.set_account(ME)
    return made, said


def arrive(made: ReceivedInvitations, event: PushEvent, now: Moment) -> None:
    made.on_push_event(event, kind_of(event), now)


def at(seconds: float) -> Moment:
    """A moment at which the wall clock says the same as the other one."""
    return Moment(boot="b", boot_s=seconds, unix=seconds)


def ids(found: tuple[Invitation, ...]) -> list[str]:
    return [one.session_id for one in found]


def test_an_invitation_by_push_is_remembered_over_a_kill_and_told_once(home: Path) -> None:
    made, said = invited(home)
    arrive(made, event("a"), at(100.0))
    arrive(made, event("a"), at(101.0))
    assert [ids(one.invitations) for one in said] == [["a"]]
    again, said = invited(home)
    (one,) = again.now(at(102.0))
    assert (one.session_id, one.from_online_id, one.at) == ("a", BO[1], 100.0)
    again.on_listed([("a", "", ""), ("b", "", "")], at(103.0))  # REST knows less, and takes nothing away
    assert [(i.session_id, i.from_online_id) for i in again.now(at(104.0))] == [("a", BO[1]), ("b", "")]


def test_an_invitation_ends_when_it_is_used_withdrawn_or_its_party_is_over(home: Path) -> None:
    made, _ = invited(home)
    for name in "abcd":
        arrive(made, event(name), at(100.0))
    made.forget("A")
    arrive(made, event("b", "outside:v2:ps:invitations:deleted"), at(101.0))
    arrive(made, event("c", "outside:v2:partySession:deleted"), at(101.0))
    assert ids(made.now(at(102.0))) == ["d"]
    assert made.now(at(100.0 + LONGEST_S)) == ()


def test_what_is_not_ours_is_not_kept(home: Path) -> None:
    made, _ = invited(home)
    arrive(made, event("a", sender=ME), at(100.0))  # our own, echoed
    arrive(made, event("b", "v2:ps:members:created"), at(100.0))
    arrive(made, event(""), at(100.0))
    assert made.now(at(100.0)) == ()
    arrive(made, event("c"), at(100.0))
    made.set_account("another account")
    assert made.now(at(100.0)) == ()
    arrive(made, event("d"), at(100.0))
    assert invited(home, "elsewhere")[0].now(at(100.0)) == ()


def test_only_so_many_are_kept_and_a_spoilt_file_means_none(home: Path) -> None:
    made, _ = invited(home)
    for number in range(MOST + 5):
        arrive(made, event(str(number)), at(100.0 + number))
    assert ids(made.now(at(200.0))) == [str(number) for number in range(5, MOST + 5)]
    (home / "i.json").write_bytes(b"{")
    assert invited(home)[0].now(at(200.0)) == ()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(["customProperties", "members"]), JSON))
def test_no_shape_of_an_event_breaks_it(home: Path, data: dict[str, object]) -> None:
    made, _ = invited(home)
    name = f"{PREFIX}outside:v2:ps:invitations:created"
    arrive(made, PushEvent(epoch="e", number=1, data_type=name, session_id="s", data=data), at(100.0))
    assert ids(made.now(at(101.0))) == ["s"]


async def invite(bo: Client, session_id: str) -> None:
    body = {"invitationType": "NORMAL", "invitations": [{"to": {"accountId": ME}}], "invitationsToGroups": []}
    answer = await bo.call("POST", f"{V2}/partySessions/{session_id}/invitations", body)
    assert answer.status == 201


async def open_push(there: Realm) -> None:
    await there.rig.until(lambda: (now := there.rig.now(PushState)) and now.connected, "push is open")


async def test_an_invitation_that_came_by_push_only_is_listed_survives_and_is_joined(home: Path) -> None:
    async with realm(home) as there:
        await open_push(there)
        bo = await there.person()
        await there.control("invitations", {"listed": False})
        session_id = await bo.create()
        await invite(bo, session_id)
        await there.rig.until(
            lambda: (now := there.rig.now(Invitations)) and now.invitations, "it is pushed, and session has it"
        )
        there.rig.again("session", env=there.env)
        listed = {party.session_id: party for party in (await there.ask(ListParties())).parties}
        assert (listed[session_id].standing, listed[session_id].invited_by) == ("invited", BO[1])
        assert listed[there.info["session_id"]].standing == "open"
        code, out, _ = await there.cli("parties")
        assert code == 0
        assert f"{session_id}  invited by {BO[1]}" in out

        state = await there.ask(JoinParty(target=""))  # two parties are there, one of them invited us
        assert state.session_id == session_id
        listed = {party.session_id: party for party in (await there.ask(ListParties())).parties}
        assert listed[session_id].standing == "in"
        assert "you are in it" in (await there.cli("parties"))[1]
        assert await there.control("violations") == []


async def test_join_wait_joins_whoever_invites_next_and_says_when_nobody_does(home: Path) -> None:
    async with realm(home) as there:
        await open_push(there)
        bo = await there.person()
        code, out, err = await there.cli("join", "--wait", "--timeout", "1")
        assert (code, out) == (1, "")
        assert "No invitation came within 1 s." in err
        session_id = await bo.create()
        waiting = await there.start_cli("join", "--wait", "--json")
        try:
            assert waiting.stderr
            async with asyncio.timeout(60):
                assert b"Waiting for an invitation" in await waiting.stderr.readline()
            await invite(bo, session_id)
            async with asyncio.timeout(60):
                printed, _ = await waiting.communicate()
        finally:
            if waiting.returncode is None:
                waiting.kill()
                await waiting.wait()
        assert (waiting.returncode, json.loads(printed)["session_id"]) == (0, session_id)
        assert there.rig.now(PartyState).session_id == session_id  # type: ignore[union-attr]
        assert (await there.cli("join", "--wait", session_id))[0] == 2
        assert (await there.cli("join", "--from", BO[1]))[0] == 2


async def test_join_wait_from_somebody_leaves_other_invitations_aside(home: Path) -> None:
    async with realm(home) as there:
        await open_push(there)
        bo = await there.person()
        session_id = await bo.create()
        await invite(bo, session_id)
        code, _, err = await there.cli("join", "--wait", "--from", "Somebody-Else", "--timeout", "3")
        assert code == 1
        assert f"Ignored an invitation by {BO[1]}." in err
        assert "No invitation from Somebody-Else came" in err
        assert there.rig.now(PartyState).phase == "none"  # type: ignore[union-attr]
        assert (await there.cli("join", "--wait", "--from", BO[1].upper(), "--timeout", "60"))[0] == 0
