"""Which forms are tried, in which order, and how one is told."""

from __future__ import annotations

import pytest

from common.psn.unknowns import BY_NAME, DEFAULT, TRIED, form_of, recipes, usable, words


def test_the_default_is_the_first_value_of_each_that_is_tried() -> None:
    assert {unknown.name: unknown.values[0] for unknown in TRIED} == DEFAULT
    assert "headers.native" not in DEFAULT
    assert DEFAULT["customdata4.place-1"] == "empty"


def test_a_recipe_is_completed_and_freed_of_what_is_unknown() -> None:
    assert usable({}) == DEFAULT
    assert usable({"frame.line": "2/1/1", "sdp.ssrc": "odd", "rtp.clock": "16000", "new": "x"}) == {
        **DEFAULT,
        "frame.line": "2/1/1",
    }


@pytest.mark.parametrize(("role", "count"), [("offer", 16), ("answer", 32)])
def test_every_recipe_that_makes_a_difference_is_tried_once(role: str, count: int) -> None:
    found = list(recipes(DEFAULT, role))  # type: ignore[arg-type]
    assert len(found) == len({tuple(one.items()) for one in found}) == count
    assert found[0] == DEFAULT
    assert {one["sdp.answer-clock"] for one in found} == ({"16000", "48000"} if role == "answer" else {"16000"})


def test_what_differs_least_comes_first_and_what_all_members_see_last() -> None:
    first = {**DEFAULT, "frame.line": "2/1/1"}
    found = list(recipes(first, "answer"))
    assert found[0] == first
    changes = [sum(one[name] != first[name] for name in first) for one in found]
    own, seen_by_all = found[:16], found[16:]
    assert changes[:16] == sorted(changes[:16])
    assert changes[16:] == sorted(changes[16:])
    assert {one["customdata4.place-1"] for one in own} == {"empty"}
    assert {one["customdata4.place-1"] for one in seen_by_all} == {"number"}


def test_a_frame_shows_the_form_of_its_sender() -> None:
    assert form_of("2/1/1\n", 1) == {"frame.line": "2/1/1"}
    assert form_of("9/9/9\n", 1) == {}
    assert form_of("1/1/1\n", 2) == {"frame.line": "1/1/1", "frame.offset-8": "counter"}
    assert form_of("", 0) == {"frame.offset-8": "counter"}


def test_only_what_differs_is_told() -> None:
    other = {**DEFAULT, "frame.line": "2/1/1", "sdp.ssrc": "none"}
    assert words(DEFAULT) == ""
    assert words(other) == "frame.line=2/1/1, sdp.ssrc=none"
    assert words(other, other) == ""
    assert words({"frame.line": "1/1/1"}, {}) == "frame.line=1/1/1"


def test_each_unknown_has_a_name_of_its_own_and_several_values() -> None:
    assert all(len(set(unknown.values)) == len(unknown.values) >= 2 for unknown in BY_NAME.values())
