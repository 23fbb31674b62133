"""Who is on the overlay, as whom, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.dashboard.pages.javascript import JavaScript, javascript

GRACE_MS = 1500
NOTED = "moments.reduce((turns, [at, people]) => (turns.note(people, at), turns), new Turns())"


@pytest.fixture(scope="module")
def js() -> Iterator[JavaScript]:
    with javascript("overlay/arrange.js", "overlay/options.js", "overlay/mouth.js") as js:
        yield js


def person(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "account": f"{ord(name[0]):08x}", "name": name, "avatar": {"hue": 1}, **more}


BO, CLEO, DUNCAN = person("Bo"), person("cleo"), person("Duncan")


def shown(
    js: JavaScript, everybody: list[dict[str, Any]], query: str = "", *, said: Any = (), now: int = 0
) -> list[str]:
    """Return the names in order. `said` has (now, ids that speak) for each earlier moment."""
    moments = [[at, [{**one, "speaking": one["id"] in ids} for one in everybody]] for at, ids in said]
    names: list[str] = js(
        f"arrange(everybody, options(new URLSearchParams(query)), {NOTED}, now).map(({{ name }}) => name)",
        moments=moments, everybody=everybody, query=query, now=now,
    )  # fmt: skip
    return names


def test_each_order(js: JavaScript) -> None:
    everybody = [DUNCAN, CLEO, BO]
    assert shown(js, everybody) == ["Duncan", "cleo", "Bo"]
    assert shown(js, everybody, "order=name") == ["Bo", "cleo", "Duncan"]
    by_hand = f"order=hand&p={BO['account']}&p=0badf00d&p={DUNCAN['account']}"
    assert shown(js, everybody, by_hand) == ["Bo", "Duncan", "cleo"]
    assert shown(js, [person("9"), person("10")], "order=name") == ["9", "10"]


def test_who_speaks_comes_first_and_stays_there_through_a_pause(js: JavaScript) -> None:
    everybody = [DUNCAN, CLEO, BO]
    said = [(0, ["Bo"]), (1000, []), (1200, ["cleo"])]
    assert shown(js, everybody, "order=speaking", said=said, now=1200) == ["cleo", "Bo", "Duncan"]
    assert shown(js, everybody, "order=speaking", said=said, now=1000 + GRACE_MS) == ["cleo", "Duncan", "Bo"]
    moments = [[at, [{**one, "speaking": one["id"] in ids} for one in everybody]] for at, ids in said]
    assert js(f"{NOTED}.next(now, grace)", moments=moments, now=1200, grace=GRACE_MS) == 1300  # then Bo's turn is over
    assert js(f"{NOTED}.next(now, grace)", moments=moments, now=1000 + GRACE_MS, grace=GRACE_MS) is None


def test_a_person_is_hidden_renamed_resized_and_placed_by_account(js: JavaScript) -> None:
    assert shown(js, [BO, CLEO], f"p={BO['account']}.h") == ["cleo"]
    assert shown(js, [BO, CLEO], f"order=name&p={BO['account']}.nZoe") == ["cleo", "Zoe"]
    [there] = js(
        "arrange([bo], options(new URLSearchParams(query)), new Turns(), 0)",
        bo=BO, query=f"p={BO['account']}.s150.x10.y90",
    )  # fmt: skip
    assert (there["name"], there["size"], there["x"], there["y"]) == ("Bo", 150, 10, 90)


def test_oneself_is_shown_on_request_only_and_partylines_own_account_only_while_it_stands_for_oneself(
    js: JavaScript,
) -> None:
    listener, own = person("Ava", me=True), person("Zed", own=True)
    assert shown(js, [listener, BO]) == ["Bo"]
    assert shown(js, [listener, BO], "me=1") == ["Ava", "Bo"]
    assert shown(js, [listener, own, BO]) == ["Bo"]
    assert shown(js, [listener, own, BO], "me=1") == ["Zed", "Bo"]


@settings(max_examples=100, deadline=None)
@given(
    names=st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=16),
    order=st.sampled_from(["joined", "name", "speaking", "hand"]),
    first=st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=4),
    most=st.integers(1, 16),
)
def test_an_order_loses_nobody_and_shows_nobody_twice(
    js: JavaScript, names: list[str], order: str, first: list[str], most: int
) -> None:
    everybody = [person(name) for name in names]
    query = f"order={order}&max={most}" + "".join(f"&p={ord(name):08x}" for name in first)
    found = shown(js, everybody, query, said=[(0, first)], now=10)
    assert len(found) == len(set(found)) == min(most, len(names))
    if most == 16:
        assert sorted(found) == sorted(names)


def test_a_mouth_opens_with_the_level_and_shuts_between_words(js: JavaScript) -> None:
    def mouths(pictures: int) -> list[int]:
        return [js("mouthAt(level, pictures)", level=level, pictures=pictures) for level in range(9)]

    assert mouths(1) == [-1] + 8 * [0]
    assert mouths(2) == [-1, 0, 0, 0, 0, 1, 1, 1, 1]
    assert mouths(4) == [-1, 0, 0, 1, 1, 2, 2, 3, 3]
    assert js("mouthAt(null, 4)") == 0  # one's own level is not in the mix
    assert [js("bounceAt(level)", level=level) for level in (None, 0, 8, 99)] == [0.5, 0, 1, 1]
