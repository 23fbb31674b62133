"""Messages between members, over a real client: in which form, in which order, and not a moment too late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from common.errors import PartylineError
from common.messages import Member, PartyState, PeerSignal, SignalRefused
from common.psn.http.client import PsnClient
from common.psn.miranda.frames import MirandaFrame, decode_payload
from tests.common.psn.http.server import Scripted, Tokens, json_answer, scripted, settings, source
from tests.support.waiting import PATIENCE_S, until
from workers.signaling.memory import SignalingMemoryFile
from workers.signaling.transports.miranda_transport import MirandaTransport

ANN, BO = "7301928374650192837.PS5", "2345678901234567890.MOBILE_APP"
ME = "5012345678901234567.MOBILE_APP"


def member(peer: str) -> Member:
    account_id, _, platform = peer.partition(".")
    return Member(account_id=account_id, platform=platform, is_me=peer == ME)


def party(*peers: str, phase: str = "joined") -> PartyState:
    return PartyState(phase=phase, session_id="f0f1", context_id="c1", me=ME, members=tuple(map(member, (ME, *peers))))


def signal(peer: str, kind: str = "offer", sequence: int = 1, **form: str) -> PeerSignal:
    account_id, _, platform = peer.partition(".")
    named = {name.replace("__", ".").replace("_", "-"): value for name, value in form.items()}
    return PeerSignal(
        direction="out", account_id=account_id, platform=platform, kind=kind, sdp="v=0", sequence=sequence, form=named
    )


class Sending:
    def __init__(self, fake: Scripted, client: PsnClient, home: Path) -> None:
        self.fake = fake
        self.refused: list[SignalRefused] = []
        self.jobs: set[asyncio.Task[None]] = set()
        memory = SignalingMemoryFile(home / "state" / "signaling.json", "here")
        self.transport = MirandaTransport(
            client,
            "miranda:12",
            memory.next_number,
            self,
            lambda job: self.jobs.add(asyncio.get_running_loop().create_task(job)),
        )
        self.transport.on_party(party(ANN, BO))
        self.transport.on_push_usable(usable=True)

    def on_refused(self, _: str, notice: SignalRefused, __: PartylineError) -> None:
        self.refused.append(notice)

    def on_sent(self, peer: str) -> None:
        pass

    def on_discarded(self, reason: str, message: str) -> None:
        pass

    async def done(self) -> list[MirandaFrame]:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self.jobs)
        return self.frames()

    def frames(self) -> list[MirandaFrame]:
        return [decode_payload(json.loads(asked.body)["payload"]) for asked in self.fake.asked]


@pytest.fixture
async def fake() -> AsyncIterator[Scripted]:
    async with scripted() as made:
        made.script(json_answer(204, None))
        yield made


@pytest.fixture
async def sending(fake: Scripted, home: Path) -> AsyncIterator[Sending]:
    made = settings(fake.url)
    client = PsnClient(made.psn, source(made, home), Tokens())
    yield Sending(fake, client, home)
    await client.close()


class Gate:
    """Holds the answer to the first call back until it is opened."""

    def __init__(self, fake: Scripted) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        fake.script(self.answer, json_answer(204, None))

    async def answer(self):
        self.reached.set()
        await self.opened.wait()
        return json_answer(204, None)()


async def test_a_message_is_numbered_when_it_goes_out(sending: Sending, fake: Scripted) -> None:
    gate = Gate(fake)
    sending.transport.send(signal(ANN))
    await gate.reached.wait()
    sending.transport.send(signal(ANN, "answer", 7))  # waits behind the first
    sending.transport.send(signal(BO))
    await until(lambda: len(fake.asked) >= 2, "len(fake.asked) >= 2")
    gate.opened.set()
    numbers = [(frame.message.recipient.account_id, frame.message.global_seq_num) for frame in await sending.done()]
    assert [number for _, number in numbers] == sorted(number for _, number in numbers)
    assert [to for to, _ in numbers] == [ANN.partition(".")[0], BO.partition(".")[0], ANN.partition(".")[0]]


async def test_messages_that_the_pace_reorders_are_numbered_as_they_go_out(fake: Scripted, home: Path) -> None:
    made = settings(fake.url, calls_per_s=2.0, call_burst=3)
    client = PsnClient(made.psn, source(made, home), Tokens())
    sending = Sending(fake, client, home)
    for peer in (ANN, BO):
        sending.transport.send(signal(peer))
    await sending.done()
    sending.transport.send(signal(ANN, "answer", 7))  # leaves the last third of the pace to others
    await asyncio.sleep(0)
    sending.transport.send(signal(BO, sequence=2))
    frames = await sending.done()
    assert [(one.message.recipient.account_id, one.message.kind) for one in frames[2:]] == [
        (BO.partition(".")[0], "offer"),
        (ANN.partition(".")[0], "answer"),
    ]
    numbers = [one.message.global_seq_num for one in frames]
    assert numbers == sorted(numbers)
    await client.close()


async def test_what_waits_for_a_member_who_leaves_is_not_sent(sending: Sending, fake: Scripted) -> None:
    gate = Gate(fake)
    sending.transport.send(signal(ANN))
    await gate.reached.wait()
    sending.transport.send(signal(ANN, "answer", 7))
    sending.transport.on_party(party(BO))
    gate.opened.set()
    assert len(await sending.done()) == 1
    assert sending.refused == []


@pytest.mark.parametrize("after", [party(ANN, phase="leaving"), PartyState(phase="none")], ids=["leaving", "none"])
async def test_nothing_is_sent_once_we_are_out(sending: Sending, fake: Scripted, after: PartyState) -> None:
    fake.script(json_answer(503, None))  # repeated after a while
    sending.transport.send(signal(ANN))
    await until(lambda: fake.asked, "it is sent")
    sending.transport.on_party(after)
    sending.transport.send(signal(BO))
    fake.script(json_answer(204, None))
    await sending.done()
    assert len(fake.asked) == 1, "neither the repeat nor what came later"
    assert sending.refused == []


async def test_a_leave_waits_for_what_is_on_its_way_and_nothing_follows(sending: Sending, fake: Scripted) -> None:
    gate = Gate(fake)
    sending.transport.send(signal(ANN))
    await gate.reached.wait()
    sending.transport.send(signal(ANN, "answer", 7))
    leaving = asyncio.create_task(sending.transport.leave("f0f1"))
    await asyncio.sleep(0)
    assert not leaving.done()
    gate.opened.set()
    async with asyncio.timeout(PATIENCE_S):
        await leaving
    sending.transport.send(signal(BO))
    assert len(await sending.done()) == 1
    assert sending.refused == []


async def test_a_later_membership_of_the_same_party_is_another_one(sending: Sending) -> None:
    await sending.transport.leave("f0f1")
    sending.transport.send(signal(ANN))
    assert await sending.done() == []
    sending.transport.on_party(msgspec.structs.replace(party(ANN), context_id="c2"))
    sending.transport.send(signal(ANN))
    assert len(await sending.done()) == 1


async def test_an_answer_and_an_offer_to_one_member_both_go_and_of_two_offers_the_latest(
    sending: Sending, fake: Scripted
) -> None:
    gate = Gate(fake)
    sending.transport.send(signal(ANN, "offer", 1))
    await gate.reached.wait()
    for kind, sequence in (("offer", 2), ("answer", 9), ("offer", 3)):
        sending.transport.send(signal(ANN, kind, sequence))
    gate.opened.set()
    sent = [(frame.message.kind, frame.message.sdp_sequence_number) for frame in await sending.done()]
    assert sent == [("offer", "1"), ("answer", "9"), ("offer", "3")]


async def test_a_frame_is_written_in_the_form_that_is_asked_for(sending: Sending) -> None:
    sending.transport.send(signal(ANN))
    await sending.done()
    sending.transport.send(signal(ANN, frame__line="2/1/1", frame__offset_8="counter"))
    await sending.done()
    sending.transport.send(signal(ANN, frame__offset_8="counter"))
    frames = await sending.done()
    assert [frame.prefix for frame in frames] == ["1/1/1\n", "2/1/1\n", "1/1/1\n"]
    assert frames[0].counter == 1
    assert frames[1].counter < frames[2].counter


async def test_what_would_meet_no_answer_waits_for_the_push_channel_and_only_the_latest_goes_then(
    sending: Sending,
) -> None:
    sending.transport.on_push_usable(usable=False)
    for sequence in (1, 2, 3):
        sending.transport.send(signal(ANN, sequence=sequence))
    sending.transport.send(signal(BO))
    assert await sending.done() == []
    sending.transport.on_party(party(ANN))  # the other one is gone meanwhile
    sending.transport.on_push_usable(usable=True)
    (frame,) = await sending.done()
    assert frame.message.sdp_sequence_number == "3"


async def test_a_leave_does_not_wait_for_the_push_channel(sending: Sending) -> None:
    sending.transport.on_push_usable(usable=False)
    sending.transport.send(signal(ANN))
    async with asyncio.timeout(PATIENCE_S):
        await sending.transport.leave("f0f1")
    sending.transport.on_push_usable(usable=True)
    assert await sending.done() == []
