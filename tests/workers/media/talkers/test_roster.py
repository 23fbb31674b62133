"""Who becomes a talker, with whom we are through, and what is kept for those who are not known yet."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from common.config.tables import MediaSettings
from common.messages import BRIDGE_PEER, Member, PartyState, PeerSignal, SignalRefused
from workers.media.negotiate.actions import MakeOffer
from workers.media.negotiate.negotiation import Negotiation
from workers.media.talkers.bridge_talker import BridgeTalker
from workers.media.talkers.roster import CONFIRM_S, EARLY_LIMIT, EARLY_S, UNKNOWN_ORDER_S, Roster
from workers.media.talkers.talker import Talker

ME, ANN, BO = "5.PC", "1.PS5", "9.PS4"
BEGAN = 1000.0


@dataclass
class FakeTalker:
    member: Member
    negotiation: Negotiation
    signals: list[PeerSignal] = field(default_factory=list)
    refusals: list[SignalRefused] = field(default_factory=list)
    met: list[PeerSignal] = field(default_factory=list)
    offers: list[int] = field(default_factory=list)
    slept_s: float = 0.0

    @property
    def kind(self) -> type[Talker]:
        return BridgeTalker if self.member.peer == BRIDGE_PEER else Talker

    @property
    def is_member(self) -> bool:
        return self.kind.is_member

    def ends_with(self, refusal: SignalRefused) -> bool:
        return self.kind.ends_with(self, refusal)  # type: ignore[arg-type]

    def update_member(self, member: Member) -> None:
        self.member = member

    def on_signal(self, signal: PeerSignal, now: float, *, meet: bool = False) -> None:
        (self.met if meet else self.signals).append(signal)

    def on_refusal(self, refusal: SignalRefused, now: float) -> None:
        self.refusals.append(refusal)

    def on_wake(self, slept_s: float, now: float) -> None:
        self.slept_s = slept_s
        self.negotiation.try_again(now)

    def poll(self, now: float) -> None:
        self.offers += [action.sequence for action in self.negotiation.poll(now) if isinstance(action, MakeOffer)]


class Rig:
    def __init__(self) -> None:
        self.gone: list[str] = []
        self.roster = Roster(MediaSettings(), BEGAN, FakeTalker, lambda talker: self.gone.append(talker.member.peer))

    def party(
        self, *peers: str, joined_s: float = BEGAN, now: float = 0.0, session_id: str = "s", phase="joined", orders=(),
        resumed: bool = False,
    ):  # fmt: skip
        """`orders`: the joinOrder of us and of each of `peers`; without it nobody knows any."""
        known = zip((ME, *peers), orders or [0] * (len(peers) + 1), strict=True)
        members = tuple(member(peer, order) for peer, order in known)
        party = PartyState(
            phase=phase, session_id=session_id, me=ME, joined_s=joined_s, members=members, resumed=resumed
        )
        self.roster.on_party(party, now, BEGAN + 30)

    @property
    def peers(self) -> set[str]:
        return set(self.roster.talkers)


def member(peer: str, join_order: int = 0) -> Member:
    account_id, _, platform = peer.partition(".")
    return Member(account_id=account_id, platform=platform, is_me=peer == ME, join_order=join_order)


def offer(peer: str, sequence: int = 1) -> PeerSignal:
    account_id, _, platform = peer.partition(".")
    return PeerSignal(
        direction="in", account_id=account_id, platform=platform, kind="offer", sdp="v=0", sequence=sequence
    )


def refusal(peer: str, *, final: bool) -> SignalRefused:
    account_id, _, platform = peer.partition(".")
    return SignalRefused(account_id=account_id, platform=platform, kind="offer", sequence=1, message="no", final=final)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_others_are_talked_with_and_who_leaves_is_let_go(rig):
    rig.party(ANN, BO)
    kept = rig.roster.talkers[ANN]
    rig.party(ANN)
    assert (rig.peers, rig.gone) == ({ANN}, [BO])
    assert rig.roster.talkers[ANN] is kept


def test_nobody_is_let_go_while_session_is_not_sure(rig):
    rig.party(ANN, BO)
    rig.party(ANN, phase="joining")
    assert rig.peers == {ANN, BO}


@pytest.mark.parametrize("then", [{"phase": "none"}, {"phase": "leaving"}, {"session_id": "another"}])
def test_another_party_or_none_lets_everybody_go(rig, then):
    rig.party(ANN, BO)
    rig.party(**then)
    assert (rig.peers, sorted(rig.gone)) == (set(), [ANN, BO])


def test_a_signal_waits_for_its_sender_to_be_a_member_but_not_for_ever(rig):
    rig.roster.on_signal(offer(ANN), 0.0)
    rig.roster.on_signal(offer(ANN, 2), 0.0)
    rig.roster.on_signal(offer(BO), 0.0)
    rig.party(ANN, now=EARLY_S / 2)
    assert [signal.sequence for signal in rig.roster.talkers[ANN].signals] == [2]
    rig.party(ANN, BO, now=EARLY_S)
    assert not rig.roster.talkers[BO].signals


def test_strangers_signals_take_no_end_of_room(rig):
    for number in range(EARLY_LIMIT):
        rig.roster.on_signal(offer(f"{100 + number}.PS5"), 0.0)
    rig.roster.on_signal(offer(ANN), 0.0)
    rig.party(ANN)
    assert not rig.roster.talkers[ANN].signals
    rig.roster.forget_early(EARLY_S)
    rig.roster.on_signal(offer(BO), EARLY_S)
    rig.party(ANN, BO, now=EARLY_S)
    assert len(rig.roster.talkers[BO].signals) == 1


@pytest.mark.parametrize(
    ("orders", "wait_s"), [((1, 2), 0.0), ((2, 1), 4.0), ((0, 0), UNKNOWN_ORDER_S), ((0, 1), UNKNOWN_ORDER_S)]
)
def test_the_older_member_offers_at_once_and_the_newcomer_waits(rig, orders, wait_s):
    rig.party(ANN, orders=orders)
    talker = rig.roster.talkers[ANN]
    for now in (0.0, wait_s - 0.1):
        talker.poll(now)
        assert bool(talker.offers) is (wait_s == 0)
    talker.poll(wait_s)
    assert talker.offers == [1]
    assert talker.negotiation.wins_glare is (orders == (1, 2))  # unknown: the smaller account id, theirs


def test_the_time_of_joining_tells_where_the_order_does_not(rig):
    mine, theirs = (
        Member(account_id="5", platform="PC", joined_at=20),
        Member(account_id="1", platform="PS5", joined_at=30),
    )
    rig.roster.on_party(
        PartyState(phase="joined", session_id="s", me=ME, joined_s=BEGAN, members=(mine, theirs)), 0.0, BEGAN
    )
    assert rig.roster.talkers[ANN].offers == [1]


def test_who_left_and_came_again_unseen_is_begun_with_again(rig):
    rig.party(ANN, orders=(1, 2))
    before = rig.roster.talkers[ANN]
    rig.party(ANN, orders=(1, 3))
    assert rig.gone == [ANN]
    assert rig.roster.talkers[ANN] is not before


def test_what_was_meant_for_a_former_membership_fits_no_offer_of_the_new_one(rig):
    rig.party(ANN, orders=(1, 2))
    rig.party(orders=(1,))
    rig.party(ANN, orders=(1, 3))
    assert rig.roster.talkers[ANN].offers == [2]


def test_a_restarted_media_offers_at_once():
    again = Rig()
    again.party(ANN, joined_s=BEGAN - 60)
    assert again.roster.talkers[ANN].offers == [90]  # beyond what the former run may have used


def test_the_bridge_is_a_talker_when_it_has_offered_until_its_refusal_is_final(rig):
    rig.party(ANN)
    rig.roster.on_signal(offer(BRIDGE_PEER), 0.0)
    rig.party(ANN)  # it is no member, and stays
    assert rig.peers == {ANN, BRIDGE_PEER}
    assert len(rig.roster.talkers[BRIDGE_PEER].signals) == 1
    rig.roster.on_refusal(refusal(BRIDGE_PEER, final=False), 0.0)
    assert len(rig.roster.talkers[BRIDGE_PEER].refusals) == 1
    rig.roster.on_refusal(refusal(BRIDGE_PEER, final=True), 0.0)
    rig.roster.on_refusal(refusal(ANN, final=True), 0.0)
    assert rig.peers == {ANN}
    assert len(rig.roster.talkers[ANN].refusals) == 1


def test_the_bridge_of_a_former_run_is_asked_once_there_is_a_party(rig):
    rig.roster.record_bridge(0.0)
    assert not rig.peers
    rig.party()
    assert rig.roster.talkers[BRIDGE_PEER].offers == [1]


def test_at_the_end_the_roster_is_empty(rig):
    rig.party(ANN, BO)
    assert {talker.member.peer for talker in rig.roster.take_all()} == {ANN, BO}
    assert not rig.peers


def test_offers_are_held_back_with_those_who_are_there_and_those_who_come(rig):
    rig.party(ANN, orders=(1, 2), now=0.0)
    rig.roster.hold_offers(10.0, meets=False)
    rig.party(ANN, BO, orders=(1, 2, 3), now=1.0)
    assert [talker.negotiation._hold.until for talker in rig.roster.talkers.values()] == [10.0, 10.0]
    assert rig.roster.talkers[BO].offers == []
    rig.roster.talkers[BO].poll(10.0)
    assert rig.roster.talkers[BO].offers == [1]


def test_an_offer_is_met_only_while_that_was_asked_for(rig):
    rig.party(ANN)
    rig.roster.hold_offers(5.0, meets=True)
    rig.roster.on_signal(offer(ANN), 1.0)
    rig.roster.on_signal(offer(ANN, 2), 6.0)
    talker = rig.roster.talkers[ANN]
    assert [one.sequence for one in talker.met] == [1]
    assert [one.sequence for one in talker.signals] == [2]


def test_after_a_sleep_no_offer_goes_out_before_the_party_is_confirmed(rig):
    rig.party(ANN, orders=(2, 1), now=0.0)
    rig.roster.on_wake(600.0, 1.0)
    talker = rig.roster.talkers[ANN]
    assert talker.slept_s == 600.0
    talker.poll(1.0 + CONFIRM_S - 0.1)
    assert talker.offers == []
    rig.party(ANN, BO, orders=(2, 1, 1), now=2.0)
    talker.poll(2.0)
    assert talker.offers == [1]
    rig.roster.on_wake(600.0, 50.0)
    rig.party(phase="none", now=51.0)
    assert rig.gone == [ANN, BO], "a party that dropped us gets nothing"


def test_where_session_cannot_tell_the_offers_wait_for_a_limited_time(rig):
    rig.party(ANN, orders=(2, 1), now=0.0)
    rig.roster.on_wake(600.0, 1.0)
    rig.roster.talkers[ANN].poll(1.0 + CONFIRM_S)
    assert rig.roster.talkers[ANN].offers == [1]


def test_a_party_that_session_resumed_gets_no_offer_until_the_server_lists_us(rig):
    rig.party(ANN, orders=(2, 1), now=0.0, resumed=True)
    talker = rig.roster.talkers[ANN]
    rig.party(ANN, orders=(2, 1), now=5.0, resumed=True)  # a second one does not lengthen the wait
    talker.poll(CONFIRM_S - 0.1)
    assert talker.offers == []
    talker.poll(CONFIRM_S)
    assert talker.offers == [1]
    rig.party(ANN, BO, orders=(2, 1, 1), now=CONFIRM_S + 1, resumed=True)
    rig.roster.talkers[BO].poll(CONFIRM_S + 7)
    assert rig.roster.talkers[BO].offers == [1]
    again = Rig()
    again.party(ANN, orders=(2, 1), now=0.0, resumed=True)
    again.party(ANN, orders=(2, 1), now=0.2)
    again.roster.talkers[ANN].poll(CONFIRM_S - 1)
    assert again.roster.talkers[ANN].offers == [1]


def test_a_hold_that_was_asked_for_outlasts_a_sleep(rig):
    rig.party(ANN, orders=(1, 2), now=0.0)
    rig.roster.hold_offers(90.0, meets=False)
    rig.roster.on_wake(5.0, 1.0)
    rig.party(ANN, orders=(1, 2), now=2.0)
    assert rig.roster.talkers[ANN].negotiation._hold.until == 90.0
