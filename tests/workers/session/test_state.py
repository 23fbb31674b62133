"""What session publishes."""

from __future__ import annotations

import pytest

from common.basic.clock import Moment
from common.messages import Following, Member, PartyState
from common.psn.party.push import Order
from workers.session.memory import PartyMemory
from workers.session.party.current import CurrentParty
from workers.session.state import following, health_detail, no_party, observed_facts, party_state


def test_the_party_is_published_with_when_we_joined_by_both_clocks() -> None:
    joined, now = Moment(boot="b", boot_s=50.0, unix=1e9), Moment(boot="b", boot_s=80.0, unix=1e9 + 30)
    memory = PartyMemory(
        phase="joined", session_id="s", context_id="c", cpss_id="l", account_id="1", platform="MOBILE_APP", name="Raid",
        joined_at=1e9, joined=joined, known=True,
    )  # fmt: skip
    state = party_state(memory, CurrentParty(memory, Order("c")), 2, now)
    assert (state.phase, state.session_id, state.context_id, state.cpss_id, state.name) == (
        "joined",
        "s",
        "c",
        "l",
        "Raid",
    )
    assert (state.joined_at, state.joined_s, state.members_known, state.unconfirmed) == (1e9, 50.0, True, 2)
    assert (state.me, [member.is_me for member in state.members]) == ("1.MOBILE_APP", [True])


def test_without_a_party_the_last_end_is_published() -> None:
    state = no_party("It ended.", "ended", 1)
    assert (state.phase, state.reason, state.end, state.unconfirmed) == ("none", "It ended.", "ended", 1)


@pytest.mark.parametrize(
    ("phase", "words"), [("none", "in no party"), ("joining", "joining"), ("joined", "in the party with 1 other")]
)
def test_health_says_where_we_are(phase, words: str) -> None:
    me, bo = Member(account_id="1", platform="MOBILE_APP", is_me=True), Member(account_id="2", platform="PS5")
    assert health_detail(PartyState(phase=phase, members=(me, bo))) == words


def test_whoever_is_followed_is_with_us_or_searched_for() -> None:
    assert following("", "", is_with=False) == Following()
    with_us = following("2", "Bo", is_with=True, detail="old", next_look_at=5.0)
    assert (with_us.state, with_us.detail, with_us.next_look_at) == ("with", "", 0.0)
    away = following("2", "Bo", is_with=False, detail="in no party", next_look_at=5.0)
    assert (away.state, away.detail, away.next_look_at) == ("looking", "in no party", 5.0)


def test_only_what_was_observed_is_a_fact() -> None:
    assert observed_facts({}, "") == {}
    facts = observed_facts({"view.shape": "flat"}, "ios")
    assert facts == {
        "view.shape": ("flat", "the view of our party"),
        "headers.native": ("ios", "calls that were accepted"),
    }
