"""Numbers, flags, times and objects of JSON, and how deep they are read."""

from __future__ import annotations

from typing import Any

import pytest

from captures.scrub.scrubber import MAX_DEPTH
from tests.captures.marks import marking


@pytest.mark.parametrize(
    ("key", "value", "scrubbed"),
    [
        ("exp", 1_800_086_400, 1_800_000_000),
        ("Timestamp", 1_800_086_400_000, 1_800_000_000_000),
        ("exp", 5, 7),
        ("exp", "1800086400", "1800000000"),
        ("exp", "1800086400000", "1800000000000"),
        ("exp", "123", "777"),
        ("exp", "2026-01-01T10:20:30Z", "2020-01-01T00:00:00Z"),
        ("x", 1_800_086_400, 7_777_777_777),
        ("isHost", 0, 0),
        ("isHost", 1, 1),
        ("isHost", 2, 7),
        ("age", 1, 7),
        ("isHost", True, True),
        ("isChild", True, False),
        ("isChild", False, False),
        ("maxMembers", 16, 16),
        ("x", 1.5, 7.0),
        ("x", float("inf"), 0.0),
        ("x", 1e15, 0.0),
        ("x", (1 << 64) - 1, 77_777_777_777_777_777_777),
        ("x", 1 << 64, (1 << 64) - 1),
        ("x", -(10**15) - 1, -(10**15)),
        ("x", None, None),
        ("message", "the secret of Bo", "the secret of xx"),
        ("x", "the secret of Bo", "xxx xxxxxx xx xx"),
        ("x", "", ""),
    ],
)
def test_a_value_is_replaced_by_one_of_its_kind(key: str, value: Any, scrubbed: Any) -> None:
    found = marking().value(value, key)
    assert (found, type(found)) == (scrubbed, type(scrubbed))


@pytest.mark.parametrize(
    ("data", "scrubbed"),
    [
        ({"users": {"status": {}, "me": {}}}, {"users": {"xxxxxx": {}, "me": {}}}),
        ({"users": [{"status": "online"}]}, {"users": [{"status": "online"}]}),
        ({"bo": 8, "xx": 9}, {"xx": 7, "xx_": 7}),
        ({"x": list(range(9))}, {"x": [0] * 9}),
        ({"x": list(range(2, 10))}, {"x": [7] * 8}),
        ({"x": {str(at): at for at in range(9)}}, {"x": {str(at): 0 for at in range(9)}}),
        ({"x": ("Bo", 8)}, {"x": ["xx", 7]}),
        (
            {"x": "session_4b7e91d2-08c5-4a36-9f1b-c3d75e208a64"},
            {"x": "xxxxxxx_ffffffff-ffff-ffff-ffff-ffffffffffff"},
        ),
        ({"x": "a b c d e f g h i"}, {"x": "- - - - - - - - -"}),
        (
            {"message": "a b c d g h i j m normal: q8 z9 k8 q8 z9 k8 q8 z9 k8"},
            {"message": "a b c d g h i j m normal: - - - - - - - - -"},
        ),
    ],
)
def test_names_of_the_protocol_stay_and_ids_used_as_names_go(data: Any, scrubbed: Any) -> None:
    assert marking().value(data) == scrubbed


def test_a_name_that_was_learnt_goes_wherever_it_is_a_name() -> None:
    scrubber = marking()
    assert scrubber.value({"sessionPlayer": 8}) == {"sessionPlayer": 7}
    scrubber.value({"onlineId": "sessionPlayer"})
    assert scrubber.is_called("SESSIONPLAYER")
    assert scrubber.value({"sessionPlayer": 8}) == {"xxxxxxxxxxxxx": 7}
    assert scrubber.value({"type": "sessionPlayer"}) == {"type": "xxxxxxxxxxxxx"}


@pytest.mark.parametrize(("depth", "kept"), [(MAX_DEPTH - 1, True), (MAX_DEPTH, False)])
def test_what_is_nested_deeper_than_40_is_dropped(depth: int, kept: bool) -> None:
    assert MAX_DEPTH == 40
    data: Any = 8
    for _ in range(depth):
        data = [data]
    found = marking().value(data)
    for _ in range(depth):
        found = found[0]
    assert found == (7 if kept else None)


def test_an_address_is_one_or_a_text() -> None:
    assert [marking().address(text) for text in ("10.0.0.8", "fe80::8", "host", "")] == [
        "192.0.2.1",
        "2001:db8::1",
        "xxxx",
        "",
    ]
