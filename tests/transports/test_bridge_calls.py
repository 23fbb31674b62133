"""What the bridge's transport calls when, on a network that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PushEvent, SignalRefused
from common.psn.errors import NotFoundError, RefusedError, ServerFaultError
from common.psn.http import Answer, Call
from common.psn.push import PREFIX
from tests.processes import PATIENCE_S
from workers.signaling.transports import bridge as module
from workers.signaling.transports.bridge import Bridge, Pace

JOINED = PartyState(phase="joined", session_id="s", me="1.MOBILE_APP")
NONE = PartyState(phase="none")
ENTRY = {"bridgeId": "b", "bridgeToken": "t"}


class Network:
    """Answers by the last word of the path; `faults` are raised once each, first."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.party: dict[str, Any] = {"sessionId": "S", "bridges": [ENTRY]}
        self.faults: dict[str, list[Exception]] = {}
        self.offers = 0

    def word(self, call: Call) -> str:
        return f"{call.method} {call.path.partition('?')[0].rpartition('/')[2]}"

    async def call(self, call: Call) -> Answer:
        self.calls.append(call)
        word = self.word(call)
        if faults := self.faults.get(word):
            raise faults.pop(0)
        self.offers += 1
        offer = {"sdp": f"v=0 {self.offers}"}
        data = {
            "GET partySessions": {"partySessions": [self.party]},
            "POST bridges": {"bridge": ENTRY},
            "POST peers": {"peer": {"peerId": "p", "offer": offer}},
            "POST offer": {"offer": offer},
        }.get(word)
        return Answer(200, {}, data)

    @property
    def said(self) -> list[str]:
        return [self.word(call) for call in self.calls]


class Desk:
    def __init__(self, *, make: bool = False) -> None:
        self.network = Network()
        self.signals: list[PeerSignal] = []
        self.gone: list[SignalRefused] = []
        self.refused: list[SignalRefused] = []
        self.problems: list[PartylineError | None] = []
        self.sent: list[str] = []
        self.bridge = Bridge(
            self.network,  # type: ignore[arg-type]
            "METROPOL_AND",
            make=make,
            deliver=self.signals.append,
            refused=lambda _, notice, __: self.refused.append(notice),
            gone=self.gone.append,
            sent=self.sent.append,
            problem=self.problems.append,
            pace=Pace(0, 0, 0),
        )
        self.job = asyncio.create_task(self.bridge.run())

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0)

    def media(self, kind: Any, sequence: int) -> None:
        self.bridge.send(
            PeerSignal(direction="out", account_id="bridge", platform="BRIDGE", kind=kind, sdp="v=0", sequence=sequence)
        )

    def push(self, name: str, *ids: str) -> None:
        data = {"bridges": [{"bridgeId": one, "bridgeToken": "t"} for one in ids]}
        self.bridge.event(
            PushEvent(epoch="e", number=1, data_type=f"{PREFIX}pts:bridges:{name}", session_id="S", data=data)
        )


@pytest.fixture
async def desks() -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**options: bool) -> Desk:
        made.append(Desk(**options))
        return made[-1]

    yield make
    for desk in made:
        desk.job.cancel()
        await asyncio.gather(desk.job, return_exceptions=True)


def test_the_pace_is_the_apps_own() -> None:
    assert Pace() == Pace(link_s=0.7, peer_s=0.5, answer_s=0.9)


async def test_a_bridge_that_is_there_is_entered_answered_and_left(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals)
    assert (desk.signals[0].key(), desk.signals[0].kind) == (f"in/{BRIDGE_PEER}", "offer")
    desk.media("answer", desk.signals[0].sequence)
    await desk.until(lambda: desk.sent)
    desk.bridge.party(NONE)
    await desk.until(lambda: len(desk.network.calls) == 4)
    assert desk.network.said == ["GET partySessions", "POST peers", "POST answer", "DELETE p"]
    for call in desk.network.calls[1:]:
        assert call.headers == {"X-PSN-RTC-TITLE-ID": "METROPOL_AND", "X-PSN-BRIDGE-TOKEN": "t"}


async def test_one_of_our_own_is_ended_with_the_party(desks: Callable[..., Desk]) -> None:
    desk = desks(make=True)
    desk.network.party = {"sessionId": "S"}
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.push("created", "b")
    desk.bridge.party(NONE)
    await desk.until(lambda: len(desk.network.calls) == 6)
    made = ["GET partySessions", "POST bridges", "POST bridges", "POST peers", "DELETE p", "DELETE b"]
    assert desk.network.said == made
    assert desk.network.calls[2].path.endswith("/partySessions/s/bridges")


async def test_without_one_there_is_one_look_and_nothing_more(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.network.party = {"sessionId": "S"}
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.problems == [None])
    assert desk.network.said == ["GET partySessions"]
    desk.media("offer", 1)
    await desk.until(lambda: desk.gone)
    assert desk.gone[0].final


async def test_an_answer_to_an_offer_that_is_over_is_not_sent(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.media("offer", 1)
    await desk.until(lambda: len(desk.signals) == 2)
    desk.media("answer", desk.signals[0].sequence)
    desk.media("answer", desk.signals[1].sequence)
    await desk.until(lambda: desk.sent)
    assert desk.network.said.count("POST answer") == 1


async def test_a_forgotten_peer_is_added_again_and_a_forgotten_bridge_is_told(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.network.faults["POST offer"] = [NotFoundError("no peer"), NotFoundError("no peer")]
    desk.media("offer", 1)
    await desk.until(lambda: len(desk.signals) == 2)
    desk.network.faults["POST peers"] = [NotFoundError("no bridge")]
    desk.media("offer", 2)
    await desk.until(lambda: desk.refused)
    assert (desk.refused[0].kind, desk.refused[0].final) == ("offer", True)


async def test_another_bridge_replaces_the_one_we_had(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals)
    desk.push("created", "c")
    await desk.until(lambda: len(desk.signals) == 2)
    desk.push("deleted", "b")
    desk.push("deleted", "c")
    await desk.until(lambda: desk.gone)
    assert desk.network.said[2:] == ["DELETE p", "POST peers"]
    assert len(desk.gone) == 1


async def test_a_fault_that_passes_is_tried_again_and_a_refusal_is_not(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    desk, other = desks(), desks()
    desk.network.faults["GET partySessions"] = [ServerFaultError("503"), ServerFaultError("503")]
    desk.bridge.party(JOINED)
    await desk.until(lambda: desk.signals and desk.problems[-1] is None)
    assert len([problem for problem in desk.problems if problem]) == 2
    other.network.faults["POST peers"] = [RefusedError("403")]
    other.bridge.party(JOINED)
    await other.until(lambda: other.problems)
    assert other.problems[-1] is not None
    assert other.network.said == ["GET partySessions", "POST peers"]
