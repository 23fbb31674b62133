"""By which transport a signal goes, with transports that only note what they are given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.errors import PartylineError
from common.messages import PeerSignal, SignalRefused
from workers.signaling.transports import order_of
from workers.signaling.transports.transport_selection import Ways

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
    return SignalRefused.of(of, "no", final=final), error


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


def offers(junction: Junction, number: int, first: int = 1) -> list[str]:
    """Offer to Ann so often, as media does when nothing comes of it; return by which transport each went."""
    went = []
    for sequence in range(first, first + number):
        before = len(junction.first.sent)
        junction.ways.send(signal(ANN, sequence=sequence))
        went.append("first" if len(junction.first.sent) > before else "second")
    return went


def test_a_silent_way_gives_place_to_the_next_and_when_all_are_silent_it_begins_anew(junction: Junction) -> None:
    assert offers(junction, 6) == ["first", "first", "second", "second", "first", "first"]
    assert junction.told == []


@pytest.mark.parametrize("kind", ["answer", "offer"])
def test_whatever_comes_by_the_first_way_brings_offers_back_to_it(junction: Junction, kind: str) -> None:
    assert offers(junction, 3)[-1] == "second"
    junction.ways.came(signal(ANN, "answer", 3, direction="in", transport="second"))
    assert offers(junction, 1, 4) == ["second"]
    junction.ways.came(signal(ANN, kind, 9, direction="in", transport="first"))
    assert offers(junction, 1, 5) == ["first"]


def test_a_way_that_answers_or_refuses_for_now_is_not_silent(junction: Junction) -> None:
    for sequence in range(1, 6):
        offer = signal(ANN, sequence=sequence)
        junction.ways.send(offer)
        if sequence % 2:
            junction.ways.came(signal(ANN, "answer", sequence, direction="in", transport="first"))
        else:
            junction.ways.refused("first", *refusal(offer, final=False))
    assert len(junction.first.sent) == 5


def test_who_has_left_begins_anew_with_the_first_way(junction: Junction) -> None:
    assert offers(junction, 3)[-1] == "second"
    junction.ways.keep(set())
    assert offers(junction, 1) == ["first"]


def test_each_transport_is_named_once_in_its_order() -> None:
    assert order_of(["auto"])[0] == "miranda"
    assert order_of(["socketio", "auto", "socketio"])[:2] == ["socketio", "miranda"]
