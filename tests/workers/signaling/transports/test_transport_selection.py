"""By which transport a signal goes, with transports that only record what they are given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.messages import PeerSignal, SignalRefused
from workers.signaling.transports import order_of
from workers.signaling.transports.transport_selection import Send, TransportSelection

ANN, BO = "1.PS5", "2.PS5"


class Recording:
    def __init__(self, name: str, *reached: str) -> None:
        self.name, self.reached = name, reached
        self.sent: list[PeerSignal] = []

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


def refusal(of: PeerSignal, *, final: bool = True) -> SignalRefused:
    return SignalRefused.of(of, "no", final=final)


class Junction:
    """Two transports, and what none of them can send."""

    def __init__(self) -> None:
        self.first, self.second = Recording("first", ANN), Recording("second", ANN, BO)
        self.unsent: list[PeerSignal | SignalRefused] = []
        self.selection = TransportSelection([self.first, self.second])

    def send(self, signal: PeerSignal) -> None:
        self._do(self.selection.send(signal), signal)

    def refused(self, name: str, notice: SignalRefused) -> None:
        self._do(self.selection.on_refused(name, notice), notice)

    def _do(self, selected: Send | None, subject: PeerSignal | SignalRefused) -> None:
        if selected is None:
            self.unsent.append(subject)
        else:
            selected.transport.send(selected.signal)


@pytest.fixture
def junction() -> Junction:
    return Junction()


def test_an_offer_goes_by_the_first_that_reaches_its_member(junction: Junction) -> None:
    junction.send(signal(ANN))
    junction.send(signal(BO))
    assert [one.account_id for one in junction.first.sent] == ["1"]
    assert [one.account_id for one in junction.second.sent] == ["2"]


def test_an_answer_takes_the_transport_of_its_offer_whatever_media_names(junction: Junction) -> None:
    junction.selection.on_received(signal(ANN, sequence=4, direction="in", transport="second"))
    junction.selection.on_received(signal(ANN, sequence=5, direction="in", transport="first"))
    answer = signal(ANN, "answer", 4, transport="first")
    junction.send(answer)
    assert junction.second.sent == [answer]
    assert junction.first.sent == []


def test_an_offer_refused_for_good_is_sent_by_the_next_and_by_no_other(junction: Junction) -> None:
    offer = signal(ANN)
    junction.send(offer)
    junction.refused("first", refusal(offer))
    assert junction.second.sent == [offer]
    assert junction.unsent == []
    junction.refused("second", refusal(offer))
    assert [notice.key() for notice in junction.unsent] == [ANN]


@pytest.mark.parametrize("changed", [{"kind": "answer"}, {"sequence": 2}])
def test_other_refusals_are_final_at_once(junction: Junction, changed: dict[str, Any]) -> None:
    offer = signal(ANN)
    junction.send(offer)
    junction.refused("first", msgspec.structs.replace(refusal(offer), **changed))
    junction.refused("first", refusal(offer, final=False))
    assert junction.second.sent == []
    assert len(junction.unsent) == 2


def test_no_transport_is_selected_for_a_member_whom_none_reaches(junction: Junction) -> None:
    junction.send(signal("3.PS5"))
    assert [one.account_id for one in junction.unsent] == ["3"]


def offers(junction: Junction, number: int, first: int = 1) -> list[str]:
    """Offer to Ann so often, as media does when nothing comes of it; return by which transport each went."""
    went = []
    for sequence in range(first, first + number):
        before = len(junction.first.sent)
        junction.send(signal(ANN, sequence=sequence))
        went.append("first" if len(junction.first.sent) > before else "second")
    return went


def test_a_silent_transport_gives_place_to_the_next_and_when_all_are_silent_to_the_first(
    junction: Junction,
) -> None:
    assert offers(junction, 6) == ["first", "first", "second", "second", "first", "first"]
    assert junction.unsent == []


@pytest.mark.parametrize("kind", ["answer", "offer"])
def test_a_signal_by_the_first_transport_brings_offers_back_to_it(junction: Junction, kind: str) -> None:
    assert offers(junction, 3)[-1] == "second"
    junction.selection.on_received(signal(ANN, "answer", 3, direction="in", transport="second"))
    assert offers(junction, 1, 4) == ["second"]
    junction.selection.on_received(signal(ANN, kind, 9, direction="in", transport="first"))
    assert offers(junction, 1, 5) == ["first"]


def test_a_transport_that_answers_or_refuses_for_now_is_not_silent(junction: Junction) -> None:
    for sequence in range(1, 6):
        offer = signal(ANN, sequence=sequence)
        junction.send(offer)
        if sequence % 2:
            junction.selection.on_received(signal(ANN, "answer", sequence, direction="in", transport="first"))
        else:
            junction.refused("first", refusal(offer, final=False))
    assert len(junction.first.sent) == 5


def test_a_member_that_has_left_starts_again_with_the_first_transport(junction: Junction) -> None:
    assert offers(junction, 3)[-1] == "second"
    junction.selection.keep(set())
    assert offers(junction, 1) == ["first"]


def test_each_transport_is_named_once_in_its_order() -> None:
    assert order_of(["auto"])[0] == "miranda"
    assert order_of(["socketio", "auto", "socketio"])[:2] == ["socketio", "miranda"]


def test_what_comes_by_another_transport_does_not_answer_for_a_silent_one(junction: Junction) -> None:
    went = []
    for sequence in range(1, 4):
        went += offers(junction, 1, sequence)
        junction.selection.on_received(signal(ANN, sequence=sequence, direction="in", transport="second"))
    assert went == ["first", "first", "second"]


def test_a_reply_is_for_the_offer_before_it_only(junction: Junction) -> None:
    assert offers(junction, 1) == ["first"]
    junction.selection.on_received(signal(ANN, "answer", 1, direction="in", transport="first"))
    assert offers(junction, 3, 2) == ["first", "first", "second"]


def test_an_offer_that_an_answer_of_ours_overtook_is_not_waited_for(junction: Junction) -> None:
    for sequence in range(1, 5):
        junction.send(signal(ANN, sequence=sequence))
        junction.send(signal(ANN, "answer", sequence))
    assert junction.second.sent == []


def test_when_all_were_silent_each_has_its_two_tries_again(junction: Junction) -> None:
    assert offers(junction, 8) == ["first", "first", "second", "second"] * 2


def test_the_transports_of_the_last_eight_offers_are_remembered(junction: Junction) -> None:
    for sequence in range(1, 10):
        junction.selection.on_received(signal(ANN, sequence=sequence, direction="in", transport="second"))
    junction.send(signal(ANN, "answer", 1))
    assert len(junction.first.sent) == 1, "forgotten, so it goes as an offer would"
    junction.send(signal(ANN, "answer", 2))
    assert len(junction.second.sent) == 1


def test_a_refusal_of_what_was_never_sent_changes_nothing(junction: Junction) -> None:
    junction.refused("first", refusal(signal(ANN)))
    junction.selection.on_received(signal(ANN, direction="in", transport="first"))
    junction.refused("first", refusal(signal(ANN)))
    assert (junction.first.sent, junction.second.sent, len(junction.unsent)) == ([], [], 2)
