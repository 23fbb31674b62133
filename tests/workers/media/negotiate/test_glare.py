"""Whatever the other side's rule, and whatever becomes of the messages: one connection in the end, two at most ever."""

from __future__ import annotations

from itertools import chain, repeat

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workers.media.negotiate.network import RULES, STEP_S, Network, OneConnection, Ours, Rule

ENOUGH_S = 260.0
"""The longest backoff is 60 s."""
STEADY_S = 40.0
delays = st.floats(0.02, 3.0)
fates = st.lists(st.one_of(st.none(), delays), max_size=16)
connecting = st.lists(st.floats(0.05, 2.0), max_size=6)
moments = st.floats(0.0, 2.0)


def network(fate: list[float | None], connect: list[float]) -> Network:
    return Network(chain(fate, repeat(0.1)), chain(connect, repeat(0.1)))


def ends_well(net: Network, ours: Ours, theirs: Ours | OneConnection) -> None:
    net.run(ENOUGH_S)
    before = ours.standing, theirs.standing
    assert [len(standing) for standing in before] == [1, 1]
    (mine,), (other,) = before
    assert net.ends[mine].other is net.ends[other]
    offers = ours.offers
    net.run(ENOUGH_S + STEADY_S)
    assert (ours.standing, theirs.standing, ours.offers) == (*before, offers)
    assert ours.most <= 2


@settings(max_examples=40, deadline=None)
@given(fate=fates, connect=connecting, rule=st.sampled_from(RULES), older=st.booleans(), mine=moments, other=moments)
@example(fate=[0.1, 0.1, None, None], connect=[], rule="yields", older=True, mine=0.0, other=0.0)
@example(fate=[0.1, 2.0, 0.05], connect=[], rule="yields", older=False, mine=0.05, other=0.0)
def test_with_an_app_of_any_rule(
    fate: list[float | None], connect: list[float], rule: Rule, older: bool, mine: float, other: float
) -> None:
    net = network(fate, connect)
    ours = Ours(net, "we", older=older, offer_at=mine)
    ends_well(net, ours, OneConnection(net, rule, older=not older, offer_at=other))


@settings(max_examples=40, deadline=None)
@given(fate=fates, connect=connecting, mine=moments, other=moments)
@example(fate=[0.1, 0.1], connect=[], mine=0.0, other=0.0)
def test_with_one_of_our_kind(fate: list[float | None], connect: list[float], mine: float, other: float) -> None:
    net = network(fate, connect)
    one = Ours(net, "one", older=True, offer_at=mine)
    two = Ours(net, "two", older=False, offer_at=other)
    ends_well(net, one, two)
    assert two.most <= 2


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=30, deadline=None)
@given(apart=st.floats(-0.5, 0.5), delay=st.floats(0.02, 0.3))
def test_no_rule_costs_time(rule: Rule, older: bool, apart: float, delay: float) -> None:
    """A second offer that went before the first arrived, its answer, the connection: nothing else takes time."""
    net = Network(repeat(delay))
    Ours(net, "we", older=older, offer_at=1.0)
    OneConnection(net, rule, older=not older, offer_at=1.0 + apart)
    net.run(10)
    assert net.first_offer is not None
    assert net.first_up is not None
    assert net.first_up - net.first_offer <= 3 * delay + 0.1 + 5 * STEP_S


def test_one_that_only_answers_is_offered_to() -> None:
    net = Network()
    ours = Ours(net, "we", older=False, offer_at=4.0)
    ends_well(net, ours, OneConnection(net, "yields", older=True, offer_at=None))
    assert ours.offers == 1
