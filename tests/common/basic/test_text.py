"""Names are compared as people type them, and shown so that nothing around them turns."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.shared.terminal import safe_json
from common.basic.text import decoded, folded, same_name, shown, untangled
from common.psn.shapes import as_id, as_int, as_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bo-Streams", "Bo-Streams"),
        ("\u202eevil\u202c", "evil"),
        ("\u200b\u2060\ufeff", ""),
        ("\u2800\u3164\u115f", ""),
        ("\u0301", ""),
        ("a\u2066b\u2069\x1b[2J\n\tc", "ab[2J c"),
        ("派对🎮", "派对🎮"),
        ("שלום", "שלום"),
        ("\ud800x", "x"),
    ],
)
def test_a_name_is_shown_without_what_hides_or_turns(name: str, expected: str) -> None:
    assert shown(name) == expected
    assert shown(name, "123") == (expected or "123")
    assert as_name(name) == expected


@given(st.text())
def test_no_shown_name_steers_anything(name: str) -> None:
    found = shown(name, "account")
    assert found
    assert not [char for char in found if unicodedata.category(char) in ("Cc", "Cf", "Cs")]


def test_a_name_of_no_text_is_none() -> None:
    assert as_name(None) == as_name(5) == ""


@given(st.text())
def test_json_for_a_terminal_says_the_same_and_steers_nothing(text: str) -> None:
    line = safe_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert line.isprintable()
    assert json.loads(line) == {text: [text]}


def test_names_that_look_alike_are_one() -> None:
    assert same_name("Sam\u2019s  AirPods", "sam's\u00a0airpods")
    assert not same_name("Sam's AirPods", "Sams AirPods")


def test_untangling_keeps_an_addresss_query() -> None:
    assert untangled("https://x/?a=1&region=us&copy=2&amp;code=3") == "https://x/?a=1&region=us&copy=2&code=3"


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**400])
def test_numbers_beyond_all_use_read_as_none(number: int) -> None:
    assert as_int(number, 7) == 7
    assert as_id(number) == ""


def test_folding_keeps_line_breaks_and_tabs_and_drops_what_is_hidden() -> None:
    assert folded("a\nb\r\tc") == "a\nb\r\tc"
    assert folded("a\x00b\x1bc\u200bd") == "abcd"
    assert folded("a\u3000\u2019\u201c\u2014b") == "a '\"-b"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\\u0026b", "a&b"), ("a\\u00fAb", "a\u00fab"), ("a\\nb\\rc", "a\nb\nc"), ("&amp;&QUOT;&lt;", '&"<'),
        ("&#65;&#38;", "A&"), ("&#39;&nbsp;x", "' x"), ("\\_a\\*", "_a*"), ("&unknown;", "&unknown;"),
    ],
)  # fmt: skip
def test_untangling_takes_what_pages_and_chats_put_in(text: str, plain: str) -> None:
    assert untangled(text) == plain


def test_a_text_is_decoded_as_often_as_it_was_encoded_and_at_most_four_times() -> None:
    assert decoded("plain") == ["plain"]
    assert decoded("a%2Fb") == ["a%2Fb", "a/b"]
    assert decoded("a%252Fb") == ["a%252Fb", "a%2Fb", "a/b"]
    assert [len(decoded("a%" + "25" * depth + "2Fb")) for depth in range(7)] == [2, 3, 4, 5, 5, 5, 5]
