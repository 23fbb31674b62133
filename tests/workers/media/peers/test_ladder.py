"""Unknowns are tried, one after the other, gently, and what worked is remembered."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn import unknowns
from common.psn.unknowns import BY_NAME, DEFAULT, TRIED
from workers.media.peers.known_recipes import Worked
from workers.media.peers.ladder import Ladder

ANN, BO, CY = "1.PS5", "2.PS5", "3.MOBILE_APP"
EVERY = [dict(zip(DEFAULT, values, strict=True)) for values in product(*(BY_NAME[name].values for name in DEFAULT))]
ODD = {name: BY_NAME[name].values[-1] for name in DEFAULT}


def offers(recipe):
    """Return what of a recipe makes a difference to an offer."""
    return {name: value for name, value in recipe.items() if name != "sdp.answer-clock"}


def climb(ladder: Ladder, peer: str, wanted, role: str = "offer") -> int:
    """Try until the recipe is the wanted one; return how often that took."""
    seen = offers if role == "offer" else dict
    for tries in range(1, 100):
        if seen(ladder.recipe(peer, role)) == seen(wanted):
            return tries
        ladder.on_failure(peer, role)
    raise AssertionError("never tried")


def test_the_default_is_what_the_captures_show():
    assert DEFAULT == {
        "frame.line": "1/1/1",
        "frame.offset-8": "one",
        "sdp.ssrc": "as-captured",
        "sdp.answer-clock": "16000",
        "customdata4.place-1": "empty",
    }
    ladder = Ladder()
    ladder.on_joined(ANN)
    assert ladder.recipe(ANN, "offer") == ladder.recipe(ANN, "answer") == DEFAULT


@pytest.mark.parametrize("wanted", EVERY, ids=lambda recipe: unknowns.words(recipe) or "default")
def test_every_combination_is_tried_within_sixteen_offers_or_thirty_two_answers(wanted):
    for role, most in (("offer", 16), ("answer", 32)):
        ladder = Ladder()
        ladder.on_joined(ANN)
        assert climb(ladder, ANN, wanted, role) <= most


def test_where_no_forms_are_to_be_tried_each_member_keeps_its_first():
    ladder = Ladder((Worked(platform="PS5", recipe=ODD, at=1.0),), climbs=False)
    ladder.on_joined(ANN)
    found = []
    for _ in range(40):
        found.append(ladder.recipe(ANN, "offer"))
        ladder.on_failure(ANN, "offer")
    assert all(offers(recipe) == offers(ODD) for recipe in found)
    assert not ladder.hurries(ANN)


def test_what_all_members_see_changes_once_only():
    ladder = Ladder()
    ladder.on_joined(ANN)
    seen = []
    for _ in range(16):
        ladder.recipe(ANN, "offer")
        ladder.on_failure(ANN, "offer")
        seen.append(ladder.shared["customdata4.place-1"])
    assert seen == ["empty"] * 7 + ["number"] * 8 + ["empty"]


def test_a_members_own_messages_are_taken_as_the_model():
    ladder = Ladder()
    ladder.on_joined(ANN)
    ladder.on_message(ANN, {"frame.line": "2/1/1", "frame.offset-8": "counter", "nonsense": "x", "sdp.ssrc": "some"})
    found = ladder.recipe(ANN, "answer")
    assert (found["frame.line"], found["frame.offset-8"], found["sdp.ssrc"]) == ("2/1/1", "counter", "as-captured")
    assert climb(ladder, ANN, found | {"sdp.answer-clock": "48000"}, "answer") <= 4


def test_what_a_members_entry_shows_is_taken_over_while_nobody_is_heard():
    ladder = Ladder()
    ladder.on_joined(ANN, shown={"customdata4.place-1": "number", "frame.line": "2/1/1"})
    assert ladder.recipe(ANN, "offer") == DEFAULT | {"customdata4.place-1": "number"}
    ladder.on_heard(ANN, "offer", 1.0)
    ladder.on_joined(BO, shown={"customdata4.place-1": "empty"})
    assert ladder.shared == {"customdata4.place-1": "number"}


def test_one_member_of_a_platform_climbs_and_the_others_follow_what_it_finds():
    ladder = Ladder()
    for peer in (ANN, BO, CY):
        ladder.on_joined(peer)
        ladder.recipe(peer, "offer")
        assert ladder.hurries(peer) == (peer != BO)
        ladder.on_failure(peer, "offer")
    assert [ladder.hurries(peer) for peer in (ANN, BO, CY)] == [True, False, True]
    assert ladder.recipe(BO, "offer") == DEFAULT, "it waits"
    tries = climb(ladder, ANN, DEFAULT | {"frame.line": "2/1/1"})
    assert tries < 8
    assert ladder.on_heard(ANN, "offer", 1.0)
    assert ladder.take_news(BO)
    assert not ladder.take_news(BO), "once"
    assert not ladder.take_news(CY), "of another platform"
    assert ladder.recipe(BO, "offer")["frame.line"] == "2/1/1"
    assert not ladder.hurries(ANN)


def test_who_is_heard_is_never_touched():
    ladder = Ladder()
    ladder.on_joined(ANN)
    found = ladder.recipe(ANN, "offer")
    ladder.on_heard(ANN, "offer", 1.0)
    ladder.on_joined(BO)
    for _ in range(40):
        ladder.recipe(BO, "offer")
        ladder.on_failure(BO, "offer")
        ladder.on_failure(ANN, "offer")  # e.g. a try to replace the connection
        assert ladder.recipe(ANN, "offer") == found
        assert ladder.shared == {"customdata4.place-1": "empty"}


def test_what_worked_is_remembered_by_kind_and_comes_first_the_next_time():
    first = Ladder()
    first.on_joined(ANN, "6.2.0")
    climb(first, ANN, ODD)
    assert first.on_heard(ANN, "offer", 5.0)
    assert not first.on_heard(ANN, "offer", 6.0), "no news"
    (kept,) = first.worked
    assert (kept.platform, kept.app_version, kept.at) == ("PS5", "6.2.0", 6.0)
    again = Ladder(first.worked)
    for peer in (BO, CY):
        again.on_joined(peer, "6.2.0")
        assert offers(again.recipe(peer, "offer")) == offers(ODD)


def test_a_kind_of_its_own_recipe_is_preferred_to_newer_ones_of_others():
    ladder = Ladder(
        (
            Worked(platform="PS5", app_version="1", recipe={"frame.line": "2/1/1"}, at=1.0),
            Worked(platform="MOBILE_APP", app_version="1", recipe={"sdp.ssrc": "none"}, at=2.0),
        )
    )
    for peer in (ANN, CY):
        ladder.on_joined(peer, "1")
    assert ladder.recipe(ANN, "offer")["frame.line"] == "2/1/1"
    assert ladder.recipe(CY, "offer")["sdp.ssrc"] == "none"


def test_what_is_remembered_may_be_of_another_version_of_ours():
    ladder = Ladder((Worked(platform="PS5", recipe={"gone": "x", "frame.line": "9/9/9", "sdp.ssrc": "none"}, at=1.0),))
    ladder.on_joined(ANN)
    assert ladder.recipe(ANN, "offer") == DEFAULT | {"sdp.ssrc": "none"}


def test_who_is_lost_is_tried_with_what_worked():
    ladder = Ladder()
    ladder.on_joined(ANN)
    climb(ladder, ANN, DEFAULT | {"sdp.ssrc": "none"})
    ladder.on_heard(ANN, "offer", 1.0)
    ladder.on_lost(ANN)
    assert ladder.recipe(ANN, "offer")["sdp.ssrc"] == "none"


def test_once_all_forms_were_tried_every_second_try_is_the_likeliest_one():
    ladder = Ladder()
    ladder.on_joined(ANN)
    tries = 0
    while ladder.hurries(ANN):
        ladder.recipe(ANN, "offer")
        ladder.on_failure(ANN, "offer")
        tries += 1
    assert tries <= 2 * 16
    later = []
    for _ in range(8):
        later.append(unknowns.words(offers(ladder.recipe(ANN, "offer"))))
        ladder.on_failure(ANN, "offer")
    assert later[::2] == [""] * 4 or later[1::2] == [""] * 4
    assert len(set(later)) > 2


def test_people_read_what_is_being_tried():
    ladder = Ladder()
    ladder.on_joined(ANN)
    ladder.recipe(ANN, "offer")
    assert ladder.words(ANN) == ""
    ladder.on_failure(ANN, "offer")
    ladder.recipe(ANN, "offer")
    assert ladder.words(ANN).startswith("trying form 2 of 32: ")
    ladder.on_heard(ANN, "offer", 1.0)
    assert ladder.words(ANN).startswith("heard with ")


Event = st.tuples(
    st.sampled_from(("joined", "left", "failed", "connected", "lost", "recipe", "answered", "showed")),
    st.sampled_from((ANN, BO, CY)),
    st.sampled_from(("offer", "answer")),
)


@given(st.lists(Event, max_size=200))
def test_whatever_happens_recipes_are_whole_and_what_is_kept_is_bounded(events):
    ladder = Ladder()
    for what, peer, role in events:
        match what:
            case "joined":
                ladder.on_joined(peer, "1")
            case "left":
                ladder.on_left(peer)
            case "failed":
                ladder.on_failure(peer, role)
            case "connected":
                ladder.on_heard(peer, role, 1.0)
            case "lost":
                ladder.on_lost(peer)
            case "answered":
                ladder.on_answer(peer)
            case "showed":
                ladder.on_message(peer, {"frame.line": "2/1/1"})
        recipe = ladder.recipe(peer, role)
        assert recipe == unknowns.usable(recipe)
        assert recipe.keys() == {unknown.name for unknown in TRIED}
        ladder.words(peer)
    assert len(ladder.worked) <= 3


def test_what_worked_last_is_the_newest_also_after_the_clock_was_set_back() -> None:
    ladder = Ladder()
    for peer, at in ((ANN, 2e9), (BO, 1e9)):
        ladder.on_joined(peer, app_version=peer)
        ladder.on_heard(peer, "offer", at)
    assert [one.app_version for one in ladder.worked] == [ANN, BO]
