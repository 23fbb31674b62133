from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import PartyState, PushState
from common.requests import Done, JoinParty, LeaveParty, ListParties, SignIn
from tests.common.psn.rig import Rig, real, rig

HERE = ("broker", "simulator", "auth", "signaling", "session")


@pytest.fixture
async def party(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as made:
        made.up(*HERE)
        await made.joined()
        yield made


def leaves(calls: list[str]) -> int:
    return sum(call.startswith("DELETE") for call in calls)


def joins(calls: list[str]) -> int:
    return sum(call.startswith("POST") and call.endswith("/members") for call in calls)


async def test_the_demo_party_is_joined_by_itself_through_its_link_with_few_calls(party: Rig) -> None:
    state = party.now(PartyState)
    assert state is not None
    assert state.me in {member.peer for member in state.members if member.is_me}
    assert all(member.online_id for member in state.members)
    assert sum(member.is_host for member in state.members) == 1
    assert state.members == tuple(sorted(state.members, key=lambda member: member.join_order))
    await party.until(lambda: "customData3" in str(party.heard), "our customData3 is told")
    (join,) = [call for call in await party.control("calls") if call["path"].endswith("/members")]
    assert join["via_link"]
    assert party.processes["session"].stop() == 0
    calls = [call for call in await party.calls() if "customMessage" not in call]
    assert leaves(calls) == 1
    assert len(calls) <= 10, calls
    assert await party.control("violations") == []


async def test_a_stop_leaves_the_party_quickly_even_with_push_and_auth_gone(party: Rig) -> None:
    me = party.now(PartyState).me.partition(".")[0]  # type: ignore[union-attr]
    party.processes["signaling"].kill()
    party.processes["auth"].kill()
    began = time.monotonic()
    assert party.processes["session"].stop() == 0
    assert time.monotonic() - began < 6
    assert me not in await party.party_members()
    await party.until(lambda: party.now(PartyState).phase == "none", "it is said")  # type: ignore[union-attr]


async def test_a_killed_session_goes_on_in_the_party_as_if_nothing_had_been(party: Rig) -> None:
    before = await party.joined()
    told = len(party.all(PartyState))
    party.again("session")
    await party.until(lambda: len(party.all(PartyState)) > told, "the new session says where it is")
    assert party.all(PartyState)[told].members == before.members
    await party.until(lambda: "resync of the party" in party.processes["session"].output, "it compares")
    done = await party.bus.request(ListParties(), 30)
    assert [p.session_id for p in done.parties] == [before.session_id]
    for state in party.all(PartyState)[told:]:
        assert (state.phase, state.joined_at, state.context_id) == ("joined", before.joined_at, before.context_id)
    calls = await party.calls()
    assert (joins(calls), leaves(calls)) == (1, 0)


async def test_a_killed_broker_is_followed_by_one_comparison_and_no_move(party: Rig) -> None:
    reads = [call for call in await party.calls() if call.endswith("/partySessions")]
    party.again("broker")
    await party.until(lambda: "broker was restarted" in party.processes["session"].output, "session notices")

    calls = await party.calls()
    while sum(call.endswith("/partySessions") for call in calls) == len(reads):
        calls = await party.calls()
    assert (joins(calls), leaves(calls)) == (1, 0)


async def test_members_come_and_go_with_the_push_events(party: Rig) -> None:
    state = await party.joined()
    other = next(member for member in state.members if not member.is_me)
    await party.control("kick", {"accountId": other.account_id})
    await party.until(
        lambda: other.peer not in {m.peer for m in party.now(PartyState).members},  # type: ignore[union-attr]
        "the kicked member is out of the table",
    )


async def test_being_kicked_is_said_and_in_the_demo_we_are_back(party: Rig) -> None:
    before = await party.joined()
    await party.control("kick", {"accountId": before.me.partition(".")[0]})
    gone = await party.until(
        lambda: next((s for s in party.all(PartyState) if s.phase == "none" and "no longer" in s.reason), None),
        "it is said that we are out",
    )
    assert gone
    await party.until(
        lambda: party.now(PartyState).phase == "joined" and party.now(PartyState).joined_at > before.joined_at,  # type: ignore[union-attr]
        "the demo party is joined again",
    )


async def test_a_party_that_was_left_stays_left_until_it_is_joined_again(party: Rig) -> None:
    before = await party.joined()
    done = await party.bus.request(LeaveParty(), 30)
    assert isinstance(done, Done)
    assert before.me.partition(".")[0] not in await party.party_members()
    party.again("session")
    await party.until(lambda: party.now(PushState).connected, "push is open")  # type: ignore[union-attr]
    await party.bus.request(ListParties(), 30)
    assert joins(await party.calls()) == 1
    state = await party.bus.request(JoinParty(target=before.session_id), 30)
    assert (state.phase, state.session_id) == ("joined", before.session_id)
    assert state.context_id != before.context_id


async def test_a_party_that_cannot_be_joined_is_refused_with_words_and_a_remedy(party: Rig) -> None:
    for target in ("00000000-0000-4000-8000-000000000000", "https://party.playstation.com/js_aaaaaaaaaaaaaaaaaaa", "?"):
        with pytest.raises(PartylineError) as caught:
            await party.bus.request(JoinParty(target=target), 30)
        assert caught.value.message
        assert caught.value.remedy


async def test_the_real_realm_works_headless_against_any_server_on_loopback(home: Path) -> None:
    async with rig(home) as made:
        made.up("broker", "simulator")
        await made.until(made.paths.simulator_file.exists, "the server is up")
        info, env = made.info(), real(made)
        made.up("auth", "signaling", "session", env=env)
        with pytest.raises(PartylineError):
            await made.bus.request(JoinParty(target=info["party_link"]), 30)
        await made.bus.request(SignIn(pasted=info["npsso"]), 30)
        state = await made.bus.request(JoinParty(target=info["party_link"]), 40)
        assert (state.phase, state.session_id) == ("joined", info["session_id"])
        await made.joined()
        made.again("auth", env=env)
        made.again("session", env=env)
        await made.bus.request(ListParties(), 30)
        assert made.processes["session"].stop() == 0
        assert state.me.partition(".")[0] not in await made.party_members()
        assert (joins(await made.calls()), leaves(await made.calls())) == (1, 1)
        assert await made.control("violations") == []


async def test_a_simulator_that_was_restarted_gets_us_back(party: Rig) -> None:
    before = await party.joined()
    party.again("simulator")
    state = await party.until(
        lambda: next(
            (s for s in party.all(PartyState) if s.phase == "joined" and s.joined_at > before.joined_at), None
        ),
        "the new simulator's party is joined",
    )
    assert state
    await party.joined()
