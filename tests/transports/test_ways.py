"""By which transport a signal goes, with transports that only note what they are given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.errors import PartylineError
from common.messages import PeerSignal, SignalRefused
from workers.signaling.transports import order_of
from workers.signaling.transports.ways import Ways

ANN, BO = "1.PS5", "2.PS5"


class Noting:
    def __init__(self, name: str, *reached: str) -> None:
        self.name, self.reached = name, reached
        self.sent: list[PeerSignal] = []

    def party(self, state: Any) -> None:
        raise AssertionError(state)

    event = party

    def reaches(self, peer: str) -> bool:
        return peer in self.reached

    def send(self, signal: PeerSignal) -> None:
        self.sent.append(signal)


def signal(peer: str, kind: Any = "offer", sequence: int = 1, **more: Any) -> PeerSignal:
    account_id, _, platform = peer.partition(".")
    return PeerSignal(
        direction=more.pop("direction", "out"),
        account_id=account_id,
        platform=platform,
        kind=kind,
        sdp="v=0",
        sequence=sequence,
        **more,
    )


def refusal(of: PeerSignal, *, final: bool = True) -> tuple[SignalRefused, PartylineError]:
    error = PartylineError("no", "none", code="x")
    return SignalRefused(
        account_id=of.account_id,
        platform=of.platform,
        kind=of.kind,
        sequence=of.sequence,
        message="no",
        final=final,
    ), error


class Junction:
    def __init__(self) -> None:
        self.first, self.second = Noting("first", ANN), Noting("second", ANN, BO)
        self.told: list[SignalRefused] = []
        self.ways = Ways([self.first, self.second], lambda notice, _: self.told.append(notice))


@pytest.fixture
def junction() -> Junction:
    return Junction()


def test_an_offer_goes_by_the_first_that_reaches_its_member(junction: Junction) -> None:
    junction.ways.send(signal(ANN))
    junction.ways.send(signal(BO))
    assert [one.account_id for one in junction.first.sent] == ["1"]
    assert [one.account_id for one in junction.second.sent] == ["2"]


def test_an_answer_goes_the_way_its_offer_came_whatever_media_calls_it(junction: Junction) -> None:
    junction.ways.came(signal(ANN, sequence=4, direction="in", transport="second"))
    junction.ways.came(signal(ANN, sequence=5, direction="in", transport="first"))
    answer = signal(ANN, "answer", 4, transport="first")
    junction.ways.send(answer)
    assert junction.second.sent == [answer]
    assert junction.first.sent == []


def test_an_offer_refused_for_good_is_tried_by_the_next_and_then_told(junction: Junction) -> None:
    offer = signal(ANN)
    junction.ways.send(offer)
    junction.ways.refused("first", *refusal(offer))
    assert junction.second.sent == [offer]
    assert junction.told == []
    junction.ways.refused("second", *refusal(offer))
    assert [notice.key() for notice in junction.told] == [ANN]


@pytest.mark.parametrize("changed", [{"kind": "answer"}, {"sequence": 2}])
def test_other_refusals_are_told_at_once(junction: Junction, changed: dict[str, Any]) -> None:
    offer = signal(ANN)
    junction.ways.send(offer)
    notice, error = refusal(offer)
    junction.ways.refused("first", msgspec.structs.replace(notice, **changed), error)
    junction.ways.refused("first", *refusal(offer, final=False))
    assert junction.second.sent == []
    assert len(junction.told) == 2


def test_a_member_whom_nothing_reaches_is_told_as_passing(junction: Junction) -> None:
    junction.ways.send(signal("3.PS5"))
    assert [(notice.account_id, notice.final) for notice in junction.told] == [("3", False)]


def test_each_transport_is_named_once_in_its_order() -> None:
    assert order_of(["auto"])[0] == "miranda"
    assert order_of(["socketio", "auto", "socketio"])[:2] == ["socketio", "miranda"]
