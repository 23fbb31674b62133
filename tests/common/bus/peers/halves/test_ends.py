"""The two machines as one pipeline: state, requests, and what is left when either side goes, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.basic.clock import boot_s
from common.basic.division import Division
from common.bus import Bus
from common.bus.split import link_frames
from common.bus.split.link_frames import Wish
from common.errors import BusUnreachableError, PartyError, PartylineError
from common.files.paths import Paths
from common.messages import MixerState, PartyState, PeerSignal, PeerState, Problem, Speaking, WorkerHealth
from common.requests import (
    AccessToken,
    Done,
    FindPictures,
    JoinParty,
    LeaveParty,
    Pictures,
    RevealRecording,
    SetMute,
    SignIn,
)
from tests.common.bus.peers.halves.rig import AT_DESK, DESK, OTHER, Two, two_machines, worker
from tests.support.processes import short_folder
from tests.support.waiting import until

PARTY = PartyState(phase="joined", session_id="s", joined_s=5.0)
MIX = MixerState(sink="null", wanted_sink="null", where="nowhere")
BO = PeerState(account_id="2", platform="PS5", connection="connected")
OFFER = PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp="a=ice-pwd:not for others")
MUTE = SetMute(peer="2.PS5", muted=True)


@pytest.fixture
async def two(home: Path) -> AsyncIterator[Two]:
    with short_folder() as other:
        Paths(other).make()
        async with two_machines(home, other) as made:
            yield made


async def joined(two: Two) -> None:
    await until(lambda: two.spare_end and two.spare_end.is_joined, "the link has joined")


def health(name: str) -> WorkerHealth:
    return WorkerHealth(worker=name, pid=1, boot="b", state="running", started_at=1.0, beat_s=boot_s())


# ruff: noqa: SIM117  # two machines, two lines


async def test_each_side_has_the_whole_state_and_no_message_comes_back(two: Two) -> None:
    async with worker(two.spare_run, "session") as session, worker(two.spare_run, "media") as media:
        async with worker(two.desk_run, "audio") as audio:
            session.publish(PARTY)
            audio.publish(MIX)
            two.gate()
            two.link()
            await joined(two)
            await two.at_desk.until(lambda: two.at_desk.now(PartyState), "the party is shown at the desk")
            await two.at_spare.until(lambda: two.at_spare.now(MixerState), "the mix is shown at the spare machine")
            assert two.at_desk.senders["party.state/"] == "session"
            media.publish(BO)
            media.publish(OFFER)
            session.publish(health("session"))
            audio.publish(health("audio"))
            audio.publish(Problem(worker="audio", code="audio.x", message="m", remedy="r", at=1.0))
            found = await two.at_desk.until(lambda: two.at_desk.now(WorkerHealth, "session"), "its heartbeat")
            assert abs(found.beat_s - boot_s()) < 30  # type: ignore[union-attr]  # one clock here: no shift
            await two.at_desk.until(lambda: two.at_desk.now(PeerState, "2.PS5"), "the talker")
            await two.at_spare.until(lambda: two.at_spare.now(Problem, "audio.audio.x"), "the problem of the desk")
            audio.clear(Problem, "audio.audio.x")
            await two.at_spare.until(lambda: not two.at_spare.now(Problem, "audio.audio.x"), "it is cleared there")
            media.clear(PeerState, "2.PS5")
            await two.at_desk.until(lambda: not two.at_desk.now(PeerState, "2.PS5"), "the talker has gone")
            assert not two.at_desk.all(PeerSignal)
            assert len(two.at_spare.all(PartyState)) == 1
            assert len(two.at_desk.all(MixerState)) == 1


async def test_requests_go_both_ways_and_secrets_do_not(two: Two) -> None:
    asked: list[object] = []

    async def done(request: object) -> Done:
        asked.append(request)
        return Done(message="done")

    async def refused(_: LeaveParty) -> Done:
        raise PartyError("Not now.", "Later.")

    async def pictures(_: FindPictures) -> Pictures:
        return Pictures(urls={})

    async with worker(two.spare_run, "session") as session, worker(two.spare_run, "auth") as auth:
        async with worker(two.desk_run, "audio") as audio, worker(two.desk_run, "recorder") as recorder:
            session.serve(LeaveParty, refused)
            session.serve(JoinParty, done)
            session.serve(FindPictures, pictures)
            auth.serve(AccessToken, done)
            auth.serve(SignIn, done)
            audio.serve(SetMute, done)
            recorder.serve(RevealRecording, done)
            two.gate()
            two.link()
            await joined(two)
            with pytest.raises(PartyError, match="Not now"):
                await two.at_desk.bus.request(LeaveParty())
            await two.at_desk.bus.request(FindPictures(account_ids=("2",)))
            assert (await two.at_spare.bus.request(MUTE)).message == "done"
            assert asked == [MUTE]
            for bus, request in (
                (two.at_desk.bus, AccessToken()),
                (two.at_desk.bus, SignIn(pasted="x")),
                (two.at_spare.bus, RevealRecording(recording="x")),
            ):
                with pytest.raises(PartylineError):
                    await bus.request(request)
            assert asked == [MUTE]


async def test_while_the_other_machine_is_away_it_is_said_at_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_frames, "LOST_S", 0.6)
    monkeypatch.setattr(link_frames, "BEAT_S", 0.1)
    never = asyncio.Event()

    async def hangs(_: object) -> Done:
        await never.wait()
        return Done()

    async with worker(two.spare_run, "session") as session, worker(two.spare_run, "media") as media:
        async with worker(two.desk_run, "audio") as audio:
            session.serve(LeaveParty, hangs)
            audio.serve(SetMute, hangs)
            two.link()
            with pytest.raises(BusUnreachableError, match="runs on spare, which does not answer") as away:
                await two.at_desk.bus.request(LeaveParty())
            assert "--off" in away.value.remedy
            two.gate()
            await joined(two)
            media.publish(BO)
            media.publish(Speaking(account_id="2", platform="PS5", speaking=True, at=1.0))
            await two.at_desk.until(lambda: two.at_desk.now(Speaking, "2.PS5"), "he speaks")
            asking = asyncio.create_task(two.at_desk.bus.request(LeaveParty(), 60))
            asked_there = asyncio.create_task(two.at_spare.bus.request(MUTE, 60))
            await asyncio.sleep(0)
            await two.stop("gate")
            with pytest.raises(BusUnreachableError, match="does not answer"):
                await asking
            asked_there.cancel()
            gone = await two.at_desk.until(
                lambda: (state := two.at_desk.now(PeerState, "2.PS5")) and state.connection == "lost" and state,
                "he is lost",
            )
            assert gone.detail == "spare is away"  # type: ignore[union-attr]
            assert not two.at_desk.now(Speaking, "2.PS5").speaking  # type: ignore[union-attr]
            media.clear(Speaking, "2.PS5")
            two.gate()
            await joined(two)
            await two.at_desk.until(
                lambda: (state := two.at_desk.now(PeerState, "2.PS5")) and state.connection == "connected", "he is back"
            )
            await two.at_desk.until(lambda: not two.at_desk.now(Speaking, "2.PS5"), "what ended meanwhile is gone")
            await two.stop("link")
            assert two.desk_end is not None
            await until(lambda: not two.desk_end.is_here, "the gate knows that the desk is away")  # type: ignore[union-attr]
            with pytest.raises(BusUnreachableError, match="audio worker runs on desk"):
                await two.at_spare.bus.request(MUTE)


async def test_brokers_may_be_started_anew_and_what_ended_meanwhile_is_gone(two: Two) -> None:
    async with worker(two.spare_run, "session") as session, worker(two.desk_run, "audio") as audio:
        session.publish(PARTY)
        audio.publish(MIX)
        two.gate()
        two.link()
        await joined(two)
        for side, watcher, cls in (("desk", two.at_desk, PartyState), ("spare", two.at_spare, MixerState)):
            await watcher.until(lambda watcher=watcher, cls=cls: watcher.now(cls), "the other side's state is there")  # type: ignore[misc]
            await two.stop(f"broker {side}")
            watcher.latest.clear()
            two.broker(side)
            new = Bus("new", two.desk_run if side == "desk" else two.spare_run)

            async def known(new: Bus = new, cls: type = cls) -> bool:
                try:
                    return bool(await new.snapshot(cls, wait_s=0.5))
                except BusUnreachableError:
                    return False

            await until(known, "a new broker is told what the other machine says")
            await new.close()
        await two.stop("link")
        session.publish(Problem(worker="session", code="session.x", message="m", remedy="r", at=1.0))
        session.clear(PartyState)
        two.link()
        await two.at_desk.until(lambda: two.at_desk.now(Problem, "session.session.x"), "what came meanwhile")

        async def gone() -> bool:
            return not await two.at_desk.bus.snapshot(PartyState)

        await until(gone, "what ended meanwhile is gone at the desk")


@pytest.mark.parametrize("why", ["right", "another desk", "another machine", "no split"])
async def test_who_is_not_the_desk_is_refused_with_a_reason(two: Two, why: str) -> None:
    keys, division = DESK, AT_DESK
    if why == "right":
        two.right = "control"
    elif why == "another machine":
        keys = OTHER
    elif why == "another desk":
        division = Division(machine="spare", side="desk", desk=frozenset({"recorder"}))
    async with worker(two.desk_run, "audio") as audio, worker(two.desk_run, "recorder"):
        audio.publish(MIX)
        two.gate(None) if why == "no split" else two.gate()
        two.link(keys, division)
        await until(lambda: two.spare_end and two.spare_end.refusal, "it is refused")
        assert two.spare_end is not None
        assert two.spare_end.refusal is not None
        assert two.spare_end.refusal.remedy
        assert not two.at_spare.now(MixerState)


async def test_only_a_machine_with_the_right_divides_the_workers(two: Two) -> None:
    two.gate(None)
    far = Bus("cli", two.site())
    assert (await far.divide(Wish(desk=("audio",)), 20)).message == "later"
    assert two.wishes == [("desk", Wish(desk=("audio",)))]
    two.right = "control"
    with pytest.raises(PartylineError) as refused:
        await far.divide(Wish(desk=()), 20)
    assert refused.value.code == "peers.not-allowed"
    await far.close()


async def test_the_desk_says_nothing_that_is_not_its_own(two: Two) -> None:
    """A desk that was taken over can publish in the names of its own workers only."""
    async with worker(two.desk_run, "audio") as audio, worker(two.desk_run, "session") as false:
        two.gate()
        two.link()
        await joined(two)
        assert two.spare_end is not None
        false.publish(PARTY)  # the link does not even send it
        audio.publish(PartyState(phase="none"))
        audio.publish(MIX)
        await two.at_spare.until(lambda: two.at_spare.now(MixerState), "what is its own comes")
        assert not two.at_spare.now(PartyState)
