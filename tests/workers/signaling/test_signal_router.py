"""Which signals of media are sent, which refusals media and the user hear of, and when that is over."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, Member, PartyState, PeerSignal, SignalRefused
from tests.workers.signaling.fakes import RecordingTransport, RecordingWorker
from workers.signaling.signal_router import REFUSED, SignalRouter

ANN, BO = "1.PS5", "2.PS5"
PARTY = PartyState(
    phase="joined", members=(Member(account_id="1", platform="PS5"), Member(account_id="2", platform="PS5"))
)
ERROR = PartylineError("It is full.", "Wait.", code="x")


class Desk:
    def __init__(self) -> None:
        self.worker = RecordingWorker()
        self.changes = 0
        self.first, self.second = RecordingTransport("miranda", ANN), RecordingTransport("socketio", ANN, BO)
        self.router = SignalRouter(self.worker, lambda _: [self.first, self.second], self._count)  # type: ignore[arg-type]
        self.router.on_party(PARTY)

    def _count(self) -> None:
        self.changes += 1

    @property
    def refused(self) -> list[SignalRefused]:
        return [one for one in self.worker.bus.published if isinstance(one, SignalRefused)]

    def refuse(self, transport: Any, of: PeerSignal, *, final: bool = True) -> None:
        self.router.on_refused(transport, SignalRefused.of(of, ERROR.message, final=final), ERROR)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


def offer(peer: str, sequence: int = 1, attempt: int = 1) -> PeerSignal:
    account_id, _, platform = peer.partition(".")
    return PeerSignal(
        direction="out", account_id=account_id, platform=platform, kind="offer", sdp="v=0", sequence=sequence,
        attempt=attempt,
    )  # fmt: skip


async def test_a_member_whom_no_transport_reaches_is_refused_for_now_and_a_bridge_for_good(desk: Desk) -> None:
    desk.router.send(offer("3.PS5"))
    desk.router.send(offer(BRIDGE_PEER))
    assert [(one.key(), one.final) for one in desk.refused] == [("3.PS5", False), (BRIDGE_PEER, True)]


async def test_transports_hear_how_many_offers_to_a_member_failed_but_not_of_the_bridge(desk: Desk) -> None:
    desk.router.send(offer(ANN, attempt=4))
    desk.router.send(offer(BRIDGE_PEER, attempt=4))
    assert desk.first.failed == desk.second.failed == [(ANN, 3)]


async def test_a_refusal_is_published_once_no_transport_is_left(desk: Desk) -> None:
    sent = offer(ANN)
    desk.router.send(sent)
    desk.refuse("miranda", sent)
    assert desk.second.sent == [sent]
    assert desk.refused == []
    desk.refuse("socketio", sent)
    assert [one.key() for one in desk.refused] == [ANN]
    assert "1 was not accepted: It is full." in desk.worker.problems[REFUSED]


async def test_a_refusal_of_a_member_that_has_left_is_no_problem(desk: Desk) -> None:
    desk.router.on_party(PartyState(phase="joined"))
    desk.refuse("miranda", offer(ANN))
    assert [one.key() for one in desk.refused] == [ANN]
    assert desk.worker.problems == {}


async def test_the_problem_is_over_when_each_refused_member_was_reached_or_has_left(desk: Desk) -> None:
    for peer in (ANN, BO):
        desk.refuse("miranda", offer(peer))
    assert desk.worker.counted == [REFUSED, REFUSED]
    desk.router.on_sent(ANN)
    assert REFUSED in desk.worker.problems
    desk.router.on_party(PartyState(phase="joined", members=PARTY.members[:1]))
    assert desk.worker.problems == {}
    assert desk.changes == 1


async def test_a_received_signal_is_published_and_its_answer_goes_back_by_the_same_transport(desk: Desk) -> None:
    incoming = PeerSignal(
        direction="in", account_id="1", platform="PS5", kind="offer", sdp="v=0", sequence=7, transport="socketio"
    )
    desk.router.on_signal(incoming)
    assert desk.worker.bus.published == [incoming]
    answer = PeerSignal(direction="out", account_id="1", platform="PS5", kind="answer", sdp="v=0", sequence=7)
    desk.router.send(answer)
    assert (desk.first.sent, desk.second.sent) == ([], [answer])


async def test_a_transport_that_cannot_be_used_is_a_problem_until_it_can(desk: Desk) -> None:
    desk.router.on_unusable("signaling.relay", ERROR)
    assert desk.worker.problems == {"signaling.relay": "It is full."}
    desk.router.on_usable("signaling.relay")
    assert desk.worker.problems == {}
    assert desk.worker.counted == []


async def test_each_discarded_message_is_counted(desk: Desk) -> None:
    for _ in range(2):
        desk.router.on_discarded("bad-frame", "Too short.")
    assert desk.worker.counted == ["signaling.bad-frame"] * 2
