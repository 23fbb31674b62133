"""What was seen settles what is true, and never anything else: for every way in which the unknowns can fall."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.probe.observe.observations import Glare, Numbers, OfferBehaviour, Shows, Unfit, Works
from cli.probe.results.findings import offers, sentence, settle, yields
from common.psn.unknowns import BY_NAME, UNKNOWNS
from simulator.facts.declared import FACTS

truths = st.fixed_dictionaries({one.name: st.sampled_from(one.values) for one in UNKNOWNS})
BOTH = (True, False)
FORMS = ("frame.line", "frame.offset-8", "sdp.ssrc", "sdp.answer-clock", "customdata4.place-1")


def seen_of(truth):
    """Everything that a run with members of every kind can see."""
    found = [Shows(name=name, value=truth[name]) for name in truth if name not in ("offer.first", "glare.rule")]
    found += [Numbers(who="A", counters=(1, 1, 1) if truth["frame.offset-8"] == "one" else (0, 1, 5))]
    found += [Works(who="A", form={name: truth[name] for name in FORMS}), Unfit(who="A", how=truth["frame.unfit"])]
    for older, smaller in itertools.product(BOTH, BOTH):
        offered = offers(truth["offer.first"], older=older, smaller=smaller)
        found.append(OfferBehaviour(who="A", older=older, smaller=smaller, offered=offered, waited_s=3.0))
        if offered:
            found.append(Glare(who="A", older=older, answered=yields(truth["glare.rule"], older=older)))
    return found


def by_name(findings):
    return {one.name: one for one in findings}


@given(truths)
def test_whatever_is_true_is_found_by_one_who_sees_everything(truth):
    found = by_name(settle(seen_of(truth)))
    for name, value in truth.items():
        assert value in found[name].candidates
        assert found[name].state == "settled" or (name == "glare.rule" and found[name].state == "no difference"), name


@given(truths, st.data())
def test_what_is_true_stays_possible_whatever_part_of_it_was_seen(truth, data):
    every = seen_of(truth)
    part = data.draw(st.lists(st.sampled_from(every), max_size=len(every)))
    for finding in settle(part):
        assert truth[finding.name] in finding.candidates
        assert finding.state != "contradicted"


@given(truths, st.data())
def test_more_that_was_seen_leaves_no_more_and_its_order_does_not_matter(truth, data):
    every = data.draw(st.permutations(seen_of(truth)))
    some = every[: data.draw(st.integers(0, len(every)))]
    fewer, more = by_name(settle(some)), by_name(settle(every))
    assert all(set(more[name].candidates) <= set(fewer[name].candidates) for name in truth)
    backwards = settle(every[::-1])
    assert [(one.name, one.state, one.candidates) for one in backwards] == [
        (one.name, one.state, one.candidates) for one in more.values()
    ]


def test_nothing_seen_settles_nothing():
    assert {one.state for one in settle([])} == {"not seen"}


def test_what_does_not_fit_together_is_said_with_both_sides():
    found = by_name(settle([Shows(name="frame.line", value="1/1/1"), Works(who="B", form={"frame.line": "2/1/1"})]))
    line = found["frame.line"]
    assert (line.state, line.candidates) == ("contradicted", ("1/1/1", "2/1/1"))
    assert len(line.evidence) == 2
    assert found["rtp.clock"].state == "not seen"


@pytest.mark.parametrize(
    ("counters", "left"),
    [
        ((1,), {"one", "counter"}),
        ((1, 1), {"one"}),
        ((0,), {"counter"}),
        ((0, 1, 2), {"counter"}),
        ((1, 2), {"counter"}),
    ],
)
def test_a_single_1_tells_no_counter_from_a_constant(counters, left):
    assert set(by_name(settle([Numbers(who="A", counters=counters)]))["frame.offset-8"].candidates) == left


def test_one_console_alone_does_not_tell_the_smaller_account_from_both():
    seen = [OfferBehaviour(who="A", older=older, smaller=True, offered=True, waited_s=1.0) for older in BOTH]
    found = by_name(settle(seen))["offer.first"]
    assert (found.state, found.candidates) == ("narrowed", ("smaller-account", "both"))
    assert "larger" in found.remark


def everyone(rule):
    """What all kinds of members do under a value of `offer.first`."""
    kinds = itertools.product(BOTH, BOTH)
    return [
        OfferBehaviour(who="A", older=o, smaller=s, offered=offers(rule, older=o, smaller=s), waited_s=2.0)
        for o, s in kinds
    ]


def test_where_nobody_offers_there_is_no_glare_to_find():
    found = by_name(settle(everyone("nobody")))["glare.rule"]
    assert found.state == "no difference"
    assert "never offers" in found.remark


def test_where_offers_contradict_each_other_nothing_is_said_of_glare():
    seen = [OfferBehaviour(who="A", older=True, smaller=True, offered=offered, waited_s=1.0) for offered in BOTH]
    found = by_name(settle(seen))
    assert (found["offer.first"].state, found["glare.rule"].state) == ("contradicted", "not seen")


@pytest.mark.parametrize(("rule", "older"), [("older", True), ("newer", False)])
def test_where_one_side_alone_offers_rules_that_do_the_same_there_are_one(rule, older):
    found = by_name(settle([*everyone(rule), Glare(who="A", older=older, answered=True)]))["glare.rule"]
    assert found.state == "no difference"
    assert set(found.candidates) == {"yields", "lower-yields" if older else "higher-yields"}
    unseen = by_name(settle(everyone(rule)))["glare.rule"]
    assert unseen.state == "not seen"


@given(truths)
def test_every_observation_is_a_sentence(truth):
    for one in seen_of(truth):
        text = sentence(one)
        assert text.endswith(".")
        assert text[0].isupper()


def test_values_of_the_unknowns_are_those_of_the_simulators_facts():
    assert {name: set(one.values) for name, one in BY_NAME.items()} == {name: set(FACTS[name].ways) for name in BY_NAME}
