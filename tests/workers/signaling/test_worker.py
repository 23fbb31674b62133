from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import PartyState, PeerSignal, PushState, SignalRefused
from common.requests import JoinParty, LeaveParty
from tests.common.psn.rig import Rig, rig

SDP = (Path(__file__).parent.parent.parent / "wire" / "p2p-offer.sdp").read_bytes().decode()


@pytest.fixture
async def party(home: Path) -> AsyncIterator[Rig]:
    async with rig(home) as made:
        made.up("broker", "simulator", "auth", "signaling", "session")
        await made.joined()
        yield made


def others(made: Rig) -> list[tuple[str, str]]:
    state = made.now(PartyState)
    assert state is not None
    return [(member.account_id, member.platform) for member in state.members if not member.is_me]


def offer(account_id: str, platform: str, sdp: str = SDP, sequence: int = 1) -> PeerSignal:
    return PeerSignal(
        direction="out", account_id=account_id, platform=platform, kind="offer", sdp=sdp, sequence=sequence
    )


async def test_offers_of_the_consoles_arrive_and_ours_are_answered(party: Rig) -> None:
    def incoming(kind: str) -> list[PeerSignal]:
        return [signal for signal in party.all(PeerSignal) if signal.direction == "in" and signal.kind == kind]

    await party.until(lambda: incoming("offer"), "a console offers")
    account_id, platform = others(party)[-1]
    await party.control("policy", {"peer": f"{account_id}.{platform}", "policy": "answer"})
    party.bus.publish(offer(account_id, platform, sequence=7))
    answer = await party.until(lambda: next(iter(incoming("answer")), None), "a console answers")
    assert (answer.account_id, answer.platform, answer.sequence) == (account_id, platform, 7)
    assert await party.control("violations") == []
    assert not any(problem.worker == "signaling" for problem in party.problems().values())


async def test_a_refused_message_is_a_problem_word_for_word_until_it_is_over(party: Rig) -> None:
    peer = others(party)[-1]
    await party.control("scenario", {"name": "message-refused"})
    party.bus.publish(offer(*peer))
    refused = await party.until(lambda: next(iter(party.all(SignalRefused)), None), "media hears of it")
    assert refused.final
    problem = await party.until(lambda: party.problems().get("signaling.refused"), "the person hears of it")
    assert "Bad Request (body: null)" in problem.message
    assert problem.reference_id
    assert peer[0] in problem.message
    await party.bus.request(LeaveParty(), 30)
    await party.until(lambda: "signaling.refused" not in party.problems(), "it is over with the party")


async def test_a_killed_signaling_comes_back_as_a_reconnection_and_the_party_goes_on(party: Rig) -> None:
    before = await party.joined()
    calls = await party.calls()
    first = party.now(PushState)
    assert first is not None
    party.again("signaling")
    second = await party.until(
        lambda: (found := party.now(PushState)) and found.connected and found.epoch != first.epoch and found,
        "the push channel is open again",
    )
    assert second.host == first.host
    peer = others(party)[-1]
    party.bus.publish(offer(*peer))
    await party.until(lambda: '"sent"' in party.processes["signaling"].output, "it sends")
    state = party.now(PartyState)
    assert state is not None
    assert (state.phase, state.joined_at) == ("joined", before.joined_at)
    news = [call for call in (await party.calls())[len(calls) :] if "customMessage" not in call]
    assert not [call for call in news if call.startswith("DELETE") or call.endswith("/members")]
    assert sum("serveraddr" in call for call in news) == 1
    assert await party.control("violations") == []
    state = await party.control("state")
    assert [one["reconnection"] for one in state["push"]] == [True]
    await party.until(lambda: party.now(PushState).keep_alive_type == 3, "it is in voice chat again")  # type: ignore[union-attr]


async def test_a_dropped_channel_comes_back_and_session_compares(party: Rig) -> None:
    first = party.now(PushState)
    assert first is not None
    assert (await party.control("drop-push", {"accountId": party.now(PartyState).me.partition(".")[0]}))["dropped"] == 1  # type: ignore[union-attr]
    await party.until(
        lambda: (found := party.now(PushState)) and found.connected and found.epoch != first.epoch, "it is open again"
    )
    await party.until(
        lambda: "push channel was reopened" in party.processes["session"].output, "session reads the party anew"
    )
    assert party.now(PartyState).phase == "joined"  # type: ignore[union-attr]
    await party.until(lambda: party.now(PushState).keep_alive_type == 3, "it is in voice chat again")  # type: ignore[union-attr]
    assert await party.control("violations") == []


async def test_after_a_leave_the_channel_is_idle_again(party: Rig) -> None:
    assert party.now(PushState).keep_alive_type == 3  # type: ignore[union-attr]
    await party.bus.request(LeaveParty(), 30)
    await party.until(lambda: party.now(PushState).keep_alive_type == 6, "it is idle again")  # type: ignore[union-attr]
    assert await party.control("violations") == []


async def test_a_refused_voice_chat_fails_the_join_with_words_and_leaves_nothing_behind(party: Rig) -> None:
    await party.bus.request(LeaveParty(), 30)
    await party.until(lambda: party.now(PushState).keep_alive_type == 6, "it is idle again")  # type: ignore[union-attr]
    await party.control("scenario", {"name": "push-status-refused"})
    with pytest.raises(PartylineError) as caught:
        await party.bus.request(JoinParty(target=party.info()["party_link"]), 60)
    assert "returnCode 1" in caught.value.message
    assert caught.value.remedy
    assert party.now(PartyState).phase == "none"  # type: ignore[union-attr]
    await party.control("scenario", {"name": "calm"})
    await party.bus.request(JoinParty(target=party.info()["party_link"]), 60)
    assert await party.control("violations") == []


async def test_session_hears_when_the_channel_has_been_away_for_too_long(home: Path) -> None:
    async with rig(home) as party:
        party.up("broker")
        party.up("simulator", more=("--presence-timeout", "5"))
        party.up("auth", "signaling", "session")
        await party.joined()
        await party.control("scenario", {"name": "push-refused"})
        await party.until(lambda: not party.now(PushState).connected, "it is gone")  # type: ignore[union-attr]
        gone = await party.until(
            lambda: (found := party.now(PushState)) and found.counts_as_gone and found, "the presence timeout is over"
        )
        assert gone.since
        await party.until(lambda: "longer than the presence" in party.processes["session"].output, "session looks")
