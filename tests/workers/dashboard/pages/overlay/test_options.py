"""The overlay's options and its address are one thing, written two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.structure.code import CHECKOUT
from tests.workers.dashboard.pages.javascript import JavaScript, javascript

FORM = CHECKOUT / "workers" / "dashboard" / "static" / "js" / "overlay-setup" / "option-fields.js"
ORIGIN = "http://127.0.0.1:8770"
CHOICES: dict[str, tuple[str, ...]] = {
    "layout": ("column", "row", "bubbles"),
    "align": ("left", "center", "right"),
    "order": ("joined", "name", "speaking", "hand"),
    "only": ("everybody", "speaking"),
    "shape": ("round", "square", "free"),
    "motion": ("none", "bounce", "mouth"),
}
HEX = st.text("0123456789abcdef", min_size=3, max_size=8).filter(lambda digits: len(digits) in (3, 4, 6, 8))
PERSON = st.fixed_dictionaries(
    {
        "account": st.text("0123456789abcdef", min_size=8, max_size=8),
        "hidden": st.booleans(),
        "nick": st.text(max_size=12),
        "size": st.integers(25, 400),
        "place": st.none() | st.tuples(st.integers(0, 100), st.integers(0, 100)),
    }
)
CHOSEN = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(values) for name, values in CHOICES.items()},
        "size": st.none() | st.integers(16, 400),
        "dim": st.integers(0, 90),
        "max": st.integers(1, 16),
        "grace": st.integers(0, 600_000),
        **{name: st.booleans() for name in ("me", "events", "demo")},
        **{name: st.just("") | HEX for name in ("colour", "background", "ring")},
        "people": st.lists(PERSON, max_size=4, unique_by=lambda person: str(person["account"])),
    }
)


@pytest.fixture(scope="module")
def js() -> Iterator[JavaScript]:
    modules = (
        "overlay/options.js",
        "overlay/choices.js",
        "overlay-setup/overlay-address.js",
        "overlay-setup/colours.js",
    )
    with javascript(*modules) as js:
        yield js


def read(js: JavaScript, query: str) -> dict[str, Any]:
    return dict(js("options(new URLSearchParams(query))", query=query))


@settings(max_examples=50, deadline=None)
@given(chosen=CHOSEN, key=st.text("azAZ09_-", max_size=32))
def test_an_address_says_all_that_was_chosen_whatever_it_is(js: JavaScript, chosen: dict[str, Any], key: str) -> None:
    for person in chosen["people"]:
        person["x"], person["y"] = person.pop("place") or (None, None)
    there, people = js(
        "((people) => [readAddress(overlayAddress(origin, key, { ...chosen, people })),"
        " people.filter((one) => chosen.order === 'hand' || !isPlain(one))])"
        "(chosen.people.map((one) => ({ ...one, nick: nickname(one.nick) })))",
        origin=ORIGIN, key=key, chosen=chosen,
    )  # fmt: skip
    assert there == {"chosen": {**chosen, "people": people}, "origin": ORIGIN, "key": key}


@settings(max_examples=50, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from([*CHOICES, "size", "dim", "max", "grace", "me", "events", "demo", "ring", "colour", "p"]),
        st.text(max_size=12) | st.sampled_from(["1", "0", "-5", "1e9", "#fff", "row", "12345678.s9999.x5.h", "NaN"]),
    )
)
def test_nothing_in_an_address_breaks_the_overlay(js: JavaScript, query: dict[str, str]) -> None:
    """What is read can be written, and then says the same."""
    text = urlencode(query, errors="replace")
    chosen = read(js, text)
    again = js("options(written(chosen))", chosen=chosen)
    kept = js("people.filter((one) => order === 'hand' || !isPlain(one))", **chosen)
    assert again == {**chosen, "people": kept}
    assert 16 <= (chosen["size"] or 16) <= 400
    assert set(js("style(chosen)", chosen=chosen)) == {"--size", "--darker", "--colour", "--back", "--ring"}


def test_addresses_of_today_look_as_they_did(js: JavaScript) -> None:
    standard = read(js, "key=k")
    assert js("written(chosen).toString()", chosen=standard) == ""
    assert read(js, "layout=nonsense&size=-5&grace=&max=0") == {**standard, "size": 16, "max": 1}
    old = "layout=row&align=center&only=speaking&grace=0&size=60&shape=free&color=fff&background=%23101318cc"
    old += "&me=1&events=0"
    assert read(js, old) == {
        **standard, "layout": "row", "align": "center", "only": "speaking", "grace": 0, "size": 60, "shape": "free",
        "colour": "fff", "background": "101318cc", "me": True, "events": False,
    }  # fmt: skip


def test_choices_for_people_stay_readable_and_short(js: JavaScript) -> None:
    plain = {"hidden": False, "nick": "", "size": 100, "x": None, "y": None}
    people = [
        {**plain, "account": "3fa9c21b", "hidden": True},
        {**plain, "account": "0000000a", "size": 150, "x": 10, "y": 90, "nick": "B.o 1"},
        {**plain, "account": "ffffffff"},
    ]
    chosen = {**read(js, ""), "people": people}
    assert js("written(chosen).toString()", chosen=chosen) == "p=3fa9c21b.h&p=0000000a.s150.x10.y90.nB.o+1"
    whole = [{**plain, "account": f"{n:08x}", "size": 150, "x": 10, "y": 90, "nick": "n" * 16} for n in range(16)]
    address = js("overlayAddress(origin, key, chosen)", origin=ORIGIN, key="k" * 32, chosen={**chosen, "people": whole})
    assert len(address) < 1000  # a whole party with a choice of everything
    assert not js("isTooLong(address)", address=address)
    for text in ("", "nobody", "3FA9C21B.h", "3fa9c21b9.h", "../../x"):
        assert js("choicesOf([text])", text=text) == []
    assert js("choicesOf(['3fa9c21b.x5', '3fa9c21b.h'])") == [
        {**plain, "account": "3fa9c21b"}
    ]  # no y; the first counts


def test_a_nickname_is_one_line_of_bounded_length_and_keeps_joined_letters(js: JavaScript) -> None:
    assert js("nickname(text)", text="  a\n\u2028b\0 ") == "a b"
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert js("nickname(text)", text=family) == family
    assert js("nickname(text)", text="\U0001f600" * 50) == "\U0001f600" * 40


@pytest.mark.parametrize(
    ("pasted", "problem"),
    [
        ("", "not an address"),
        ("overlay?key=x", "not an address"),
        ("javascript:alert(1)", "not the address"),
        ("http://127.0.0.1:8770/obs-audio?key=x", "not the address"),
        ("https://streamkit.discord.com/overlay/voice/1", "not the address"),
    ],
)
def test_what_is_no_overlay_is_refused_with_the_place_where_to_look(js: JavaScript, pasted: str, problem: str) -> None:
    found = js("readAddress(pasted)", pasted=pasted)
    assert problem in found["problem"]
    assert "Browser source" in found["remedy"]


def test_the_address_on_the_screen_has_no_key(js: JavaScript) -> None:
    shown = js("shownAddress(origin, options(new URLSearchParams('key=secret&layout=row')))", origin=ORIGIN)
    assert shown == f"{ORIGIN}/overlay?key=•••&layout=row"


def test_the_help_of_the_command_and_the_form_have_every_option(js: JavaScript) -> None:
    names = js("Object.keys(OPTIONS)")
    told = (CHECKOUT / "cli" / "pipeline" / "dashboard.py").read_text()
    form = FORM.read_text()
    groups = re.search(r"const GROUPS = \[(.*?)\n\];", form, re.DOTALL)
    assert groups
    for name in names:
        assert f"{name}=" in told, name
        assert f'"{name}"' in groups[1], name
        assert re.search(rf"^  {name}: \{{ label: ", form, re.MULTILINE), name


@given(digits=HEX)
@settings(max_examples=60, deadline=None)
def test_a_colour_comes_back_from_the_form_within_what_percent_can_tell(js: JavaScript, digits: str) -> None:
    long = "".join(2 * digit for digit in digits) if len(digits) < 6 else digits
    parts = js("partsOf(digits)", digits=digits)
    assert parts["colour"] == f"#{long[:6]}"
    back = js("hexOf(colour, percent)", **parts)
    assert back[:6] == long[:6]
    assert abs(int(back[6:] or "ff", 16) - int(long[6:] or "ff", 16)) <= 1.3
