"""What is done in a scenario, and what a user sees of it: one function for each kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from common.errors import PartylineError
from common.messages import AuthState, PartyState, PushState
from common.psn.http import trace
from common.requests import JoinParty, LeaveParty, SignIn
from tests.scenarios.stage import Stage


async def nobody_notices(stage: Stage) -> None:
    assert (said := await stage.listed()) == "ok", said
    assert stage.rig.problems() == {}


async def an_outage_is_told_and_taken_back(stage: Stage) -> None:
    assert await stage.listed() == "psn.server-fault"
    await stage.set_off("push-dropped")
    await stage.problem("psn.server-fault")
    await stage.calm()
    await stage.no_problems()


async def one_answer_is_lost(stage: Stage) -> None:
    assert await stage.listed() == "psn.bad-answer"
    assert (said := await stage.listed()) == "ok", said


async def it_is_waited_for(stage: Stage) -> None:
    met = await stage.met()
    assert (said := await stage.listed()) == "ok", said
    assert await stage.met() == met + 1
    limited, *later = await stage.mobile_calls()
    assert all(call["at"] - limited["at"] >= 1 for call in later)  # its own words were 2 s, or until 3 s


async def it_says_wait(stage: Stage) -> None:
    await it_is_waited_for(stage)  # for 2 s by this stage's settings; a minute by default


async def nothing_is_called_while_we_are_blocked(stage: Stage) -> None:
    assert await stage.listed() == "psn.blocked"
    met = await stage.met()
    assert await stage.listed() == "psn.blocked"
    assert await stage.met() == met
    await stage.calm()
    await stage.listed_well()


async def the_older_protocol_stands_in(stage: Stage) -> None:
    await stage.reopened()
    assert stage.push().protocol == "2.1"
    await stage.no_problems()


def the_channel_comes_back(words: str) -> Callable[[Stage], Awaitable[None]]:
    async def seen(stage: Stage) -> None:
        await stage.reopened(words)
        hosts = {state.host for state in stage.since(PushState) if state.connected}
        assert len(hosts) == 1
        await stage.no_problems()

    return seen


async def a_channel_that_stays_away_is_told(stage: Stage) -> None:
    await stage.problem("signaling.push")
    await stage.reopened()
    await stage.no_problems()


async def the_table_stays_true(stage: Stage) -> None:
    await stage.visited()
    await stage.no_problems()


async def tokens_are_renewed_as_they_end(stage: Stage) -> None:
    ends = len({state.access_expires_at for state in stage.since(AuthState)})
    assert (said := await stage.listed()) == "ok", said
    await stage.rig.until(
        lambda: len({state.access_expires_at for state in stage.since(AuthState)}) >= ends + 3, "three more tokens"
    )
    await nobody_notices(stage)


async def a_renewal_is_all_it_takes(stage: Stage) -> None:
    """The renewed token that auth holds may have ended with ours: then the next call brings a fresh one."""
    assert await stage.listed() in ("ok", "psn.unauthorized")
    await nobody_notices(stage)


def the_sign_in_says(words: str) -> Callable[[Stage], Awaitable[None]]:
    async def seen(stage: Stage) -> None:
        with pytest.raises(PartylineError) as caught:
            await stage.rig.bus.request(SignIn(pasted=stage.info["npsso"]), 30)
        assert words in caught.value.message
        assert caught.value.remedy
        assert stage.auth() == "signed_in"
        await nobody_notices(stage)

    return seen


async def sonys_words_are_told(stage: Stage) -> None:
    sequence = stage.offer()
    await stage.rig.until(lambda: stage.refused(sequence), "media hears of it")
    await stage.problem("signaling.refused")
    told = stage.rig.problems()["signaling.refused"]
    assert "Bad Request (body: null)" in told.message
    assert told.reference_id
    traced = [call for call in trace.read(stage.rig.paths.trace_file) if call.reference_id == told.reference_id]
    assert [(call.status, call.path.rpartition("/")[2]) for call in traced] == [(400, "customMessage")]
    assert traced[0].sent["json"]["type"] == "offer"


async def a_leave_is_finished_in_any_case(stage: Stage) -> None:
    done = await stage.rig.bus.request(LeaveParty(), 30)
    assert "PlayStation did not confirm it yet" in done.message
    await stage.rig.until(
        lambda: any((one.phase, one.unconfirmed) == ("none", 1) for one in stage.since(PartyState)), "it is told"
    )
    await stage.rig.until(lambda: stage.party().unconfirmed == 0, "it is confirmed")
    assert stage.me not in await stage.rig.party_members()
    await stage.no_problems()


def unread(scenario: str) -> Callable[[Stage], Awaitable[None]]:
    async def seen(stage: Stage) -> None:
        """The party is read again until it can be."""
        await stage.calm()
        await stage.rig.bus.request(LeaveParty(), 30)
        await stage.set_off(scenario)
        await stage.join()
        await stage.problem("session.party-unread")
        assert not stage.party().members_known
        await stage.rig.until(lambda: stage.party().members_known, "the party is read")
        assert len(stage.party().members) == len(await stage.rig.party_members())
        await stage.no_problems()

    return seen


def the_account_is_told(code: str) -> Callable[[Stage], Awaitable[None]]:
    async def seen(stage: Stage) -> None:
        said = await stage.listed()
        assert said == code, said
        await stage.calm()
        await stage.listed_well()

    return seen


async def the_refusal_is_told_and_nothing_is_left_behind(stage: Stage) -> None:
    await stage.calm()
    await stage.rig.bus.request(LeaveParty(), 30)
    await stage.set_off("join-refused")
    with pytest.raises(PartylineError) as caught:
        await stage.join()
    assert caught.value.message
    await stage.rig.until(lambda: stage.party().phase == "none", "there is no party")
    assert stage.me not in await stage.rig.party_members()
    await stage.join()
    await stage.rig.until(lambda: stage.party().phase == "joined", "the next try succeeds")


async def being_taken_out_is_said(stage: Stage) -> None:
    await stage.rig.control("kick", {"accountId": stage.me})
    await stage.rig.until(lambda: stage.party().phase == "none", "we are out")
    assert stage.party().reason


async def a_full_party_is_said_to_be_full(stage: Stage) -> None:
    session_id = stage.before.session_id
    await stage.rig.bus.request(LeaveParty(), 30)
    await stage.rig.control("party", {"sessionId": session_id, "maxMembers": 3})
    with pytest.raises(PartylineError) as caught:
        await stage.rig.bus.request(JoinParty(target=session_id), 60)
    await stage.rig.control("party", {"sessionId": session_id, "maxMembers": 16})
    assert "full" in caught.value.message
    assert stage.me not in await stage.rig.party_members()


async def the_end_of_the_party_is_said(stage: Stage) -> None:
    await stage.rig.control("end-party", {"sessionId": stage.before.session_id})
    await stage.rig.until(lambda: stage.party().phase == "none", "the party is over")
    assert "has ended" in stage.party().reason


def it_comes_back(worker: str) -> Callable[[Stage], Awaitable[None]]:
    async def seen(stage: Stage) -> None:
        epoch = stage.push().epoch
        stage.rig.again(worker, stage.env)
        if worker == "signaling":
            await stage.rig.until(lambda: stage.push().epoch not in ("", epoch), "the push channel is another one")
        await stage.listed_well()
        await stage.rig.until(lambda: stage.push().connected and stage.auth() == "signed_in", "all is up")

    return seen


async def a_new_sign_in_is_asked_for_and_heals(stage: Stage) -> None:
    assert await stage.listed() in ("auth.sign-in", "psn.refused")
    await stage.problem("auth.expired")
    await stage.rig.until(lambda: stage.auth() == "expired", "the sign-in is shown as expired")
    assert "partyline login" in stage.rig.problems()["auth.expired"].remedy
    await stage.sign_in()
    await stage.no_problems()
    await nobody_notices(stage)
