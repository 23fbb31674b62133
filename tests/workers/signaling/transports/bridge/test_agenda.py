"""What is done next about the party's bridges."""

from __future__ import annotations

from typing import Any

import pytest

from common.basic.clock import Moment
from common.messages import PeerSignal
from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.actions import (
    Action,
    AddPeer,
    CreateBridge,
    ForgetOwn,
    ForwardSignal,
    LeaveBridge,
    ReadPeers,
    ViewParty,
)
from workers.signaling.transports.bridge.agenda import Agenda, Mode
from workers.signaling.transports.bridge.attachment import PEER_READS_S, UP_WITHIN_S, Attachment
from workers.signaling.transports.bridge.bridge_use import BridgeUse
from workers.signaling.transports.bridge.demand import Demand, DemandLimits
from workers.signaling.transports.bridge.memory import OwnBridge

ANN = "2.PS5"
OWN = OwnBridge(place="here")
THEIRS, OURS = BridgeRef(bridge_id="theirs", token="t"), BridgeRef(bridge_id="ours", token="t")
NOW = 1000.0


class Plan:
    def __init__(self, mode: Mode = "needed", *, viewed: bool = True) -> None:
        self.demand = Demand(DemandLimits(unheard_s=30.0, join_s=5.0, up_s=10.0))
        self.use = BridgeUse()
        self.agenda = Agenda(mode, self.demand, self.use)
        self.demand.keep({ANN})
        self.agenda.enter("s")
        if viewed:
            self.agenda.on_view(())

    def reported(self, connection: str, for_s: int) -> None:
        """Let media have reported that about Ann, each second until now."""
        for ago_s in range(for_s, -1, -1):
            self.demand.on_connection(ANN, connection, NOW - ago_s)

    def next(self, now: float = NOW, own: OwnBridge = OWN) -> Action | None:
        return self.agenda.next(now, own, Moment(boot="b", boot_s=now))


def signal(kind: Any, sequence: int = 1) -> PeerSignal:
    return PeerSignal(
        direction="out", account_id="bridge", platform="BRIDGE", kind=kind, sdp="v=0", sequence=sequence
    )  # fmt: skip


def test_outside_a_party_nothing_is_done() -> None:
    plan = Plan("at-once")
    plan.agenda.on_linked(THEIRS)
    plan.agenda.enter("")
    plan.agenda.on_signal(signal("offer"))
    assert plan.next() is None


def test_the_partys_view_is_read_first_and_a_fault_postpones_it() -> None:
    plan = Plan(viewed=False)
    assert plan.next() == ViewParty()
    plan.agenda.postpone(NOW + 1)
    assert plan.next() is None
    plan.agenda.on_signal(signal("offer"))
    assert plan.next() == ForwardSignal(signal("offer")), "media does not wait"
    assert plan.next(NOW + 1) == ViewParty()


def test_medias_answer_goes_before_its_request_and_the_latest_of_each_counts() -> None:
    plan = Plan()
    for sequence in (1, 2):
        plan.agenda.on_signal(signal("offer", sequence))
        plan.agenda.on_signal(signal("answer", sequence))
    assert plan.next() == ForwardSignal(signal("answer", 2))
    assert plan.next() == ForwardSignal(signal("offer", 2))
    assert plan.next() is None


def test_an_existing_bridge_is_joined_once_a_member_lacks_a_connection() -> None:
    plan = Plan("never")
    plan.agenda.on_linked(THEIRS)
    plan.reported("connecting", 4)
    assert plan.next() is None
    assert plan.next(NOW + 1) == AddPeer(Attachment(THEIRS, "s"))
    plan.use.useless.add("theirs")
    assert plan.next(NOW + 1) is None


@pytest.mark.parametrize(("mode", "expected"), [("needed", CreateBridge("s", [ANN])), ("never", None)])
def test_one_is_created_for_a_member_who_lacks_a_connection_for_long(mode: Mode, expected: Action | None) -> None:
    plan = Plan(mode)
    plan.reported("connecting", 29)
    assert plan.next() is None
    assert plan.next(NOW + 1) == expected


def test_none_is_created_before_its_time() -> None:
    plan = Plan("at-once")
    assert plan.next() == CreateBridge("s", [])
    own = OWN.created("s", "", Moment(boot="b", boot_s=NOW)).ended(0.0)
    assert plan.next(NOW + own.wait_s - 1, own) is None
    assert plan.next(NOW + own.wait_s, own) == CreateBridge("s", [])


def test_our_own_of_an_earlier_run_is_resumed_if_it_is_still_linked_to_this_party() -> None:
    plan = Plan()
    own = OWN.created("s", "ours", Moment(boot="b", boot_s=NOW))
    assert plan.next(own=own) == ForgetOwn()
    plan.agenda.on_linked(OURS)
    assert plan.next(own=own) == AddPeer(Attachment(OURS, "s", own=True, linked=True))
    assert plan.next(own=OWN.created("other", "ours", Moment(boot="b", boot_s=NOW))) == ForgetOwn()


def test_our_peer_is_added_again_where_the_bridge_lost_it() -> None:
    plan = Plan()
    plan.use.attach(Attachment(THEIRS, "s"))
    assert plan.next() == AddPeer(Attachment(THEIRS, "s"))


@pytest.mark.parametrize("own", [True, False])
def test_what_is_due_on_our_bridge(*, own: bool) -> None:
    plan = Plan()
    attached = Attachment(OURS, "s", own=own, peer_id="p", added_at=NOW)
    plan.use.attach(attached)
    assert plan.next() is None
    assert plan.next(NOW + PEER_READS_S[0]) == ReadPeers(attached, keep_alone=False)
    plan.use.on_added(NOW)
    down = plan.next(NOW + UP_WITHIN_S + 1)
    assert down == LeaveBridge(attached, "no connection with it comes up", useless=True)
    plan.reported("connected", 10)
    settled = LeaveBridge(attached, "everybody is reached without it")
    assert plan.next() == (settled if own else None)


def test_a_bridge_that_is_wanted_at_once_is_kept_alone_and_though_everybody_is_reached() -> None:
    plan = Plan("at-once")
    attached = Attachment(OURS, "s", own=True, peer_id="p", added_at=NOW - PEER_READS_S[0])
    plan.use.attach(attached)
    plan.reported("connected", 10)
    assert plan.next() == ReadPeers(attached, keep_alone=True)


def test_a_bridge_is_unneeded_when_everybody_is_reached_and_we_are_on_none() -> None:
    plan = Plan()
    assert not plan.agenda.is_unneeded(NOW), "media has reported nobody"
    plan.reported("connected", 10)
    assert plan.agenda.is_unneeded(NOW)
    plan.use.attach(Attachment(OURS, "s"))
    assert not plan.agenda.is_unneeded(NOW)
    plan.use.reset()
    plan.agenda.postpone(NOW + 1)
    assert not plan.agenda.is_unneeded(NOW), "the fault is still shown"
    assert plan.agenda.is_unneeded(NOW + 1)


def test_another_party_begins_without_what_was_known_of_the_last_one() -> None:
    plan = Plan("at-once")
    plan.agenda.on_linked(THEIRS)
    plan.agenda.on_signal(signal("answer"))
    plan.agenda.postpone(NOW + 100)
    plan.agenda.enter("t")
    assert plan.next() == ViewParty()
    plan.agenda.on_view(())
    assert plan.next() == CreateBridge("t", [])


def test_a_bridge_that_the_view_names_is_joined() -> None:
    plan = Plan("at-once", viewed=False)
    plan.agenda.on_view((OURS, THEIRS))
    assert plan.next() == AddPeer(Attachment(THEIRS, "s"))
