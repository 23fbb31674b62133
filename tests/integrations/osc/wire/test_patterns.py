"""Address patterns as OSC 1.0 has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.osc.wire.patterns import LONGEST, is_pattern, matching

PLACES = [f"/partyline/talker/{place}/mute" for place in range(1, 13)]


def places(pattern: str) -> list[int]:
    return [int(found.split("/")[3]) for found in matching(pattern, PLACES)]


@pytest.mark.parametrize(("pattern", "found"), [
    ("/partyline/talker/*/mute", list(range(1, 13))),
    ("/partyline/talker/?/mute", list(range(1, 10))),
    ("/partyline/talker/[2-4]/mute", [2, 3, 4]),
    ("/partyline/talker/[!2-4]/mute", [1, 5, 6, 7, 8, 9]),
    ("/partyline/talker/{1,12}/mute", [1, 12]),
    ("/partyline/talker/1{0,1}/m*e", [10, 11]),
    ("/partyline/talker/{1,1}{1,2}/mute", [11, 12]),
    ("/party*/*/3/*", [3]),
    ("/partyline/*/mute", []),
    ("*", []),
    ("/partyline/talker/{1,2/mute", []),
    ("/partyline/talker/{1,{2}}/mute", []),
    ("/partyline/talker/[/mute", []),
    ("/PARTYLINE/talker/*/mute", []),
    ("/partyline/talker/" + "{1,2}" * 12 + "/mute", []),
    ("/" + "*" * LONGEST, []),
])  # fmt: skip
def test_what_a_pattern_matches(pattern: str, found: list[int]) -> None:
    assert places(pattern) == found


def test_a_plain_address_is_no_pattern() -> None:
    assert not is_pattern("/partyline/talker/1/mute")
    assert all(is_pattern(f"/a{sign}") for sign in "?*[{")


def test_dots_and_the_like_mean_themselves() -> None:
    assert matching("/a.c*", ["/abc", "/a.c"]) == ["/a.c"]
    assert matching("/a+(b)*", ["/aab", "/a+(b)"]) == ["/a+(b)"]


@given(st.text("/*?[]{}!-,ab1", max_size=80))
def test_no_pattern_fails_or_takes_long(pattern: str) -> None:
    matching(pattern, [*PLACES, "/" + "a" * 200])


def test_a_pattern_that_backtracks_elsewhere_does_not_here() -> None:
    assert matching("/" + "*a" * 100 + "b", ["/" + "a" * 250]) == []
