from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn import push
from common.psn.errors import PushFrameError

Wire = Callable[[str], bytes]
GOLDEN = [
    "custom-data3",
    "custom-data4",
    "custom-message",
    "members-created",
    "members-deleted",
    "party-created",
    "party-deleted",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def event(data: Any = None, **more: Any) -> bytes:
    return json.dumps({"method": 3001, "dataType": "x", "body": {"data": data or {}}, **more}).encode()


@pytest.mark.parametrize("name", GOLDEN)
def test_every_golden_frame_is_read(wire: Wire, name: str) -> None:
    frame = push.read_frame(wire(f"push-{name}.json"))
    assert frame.method == push.EVENT
    assert frame.session_id == "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
    assert frame.from_account_id.isdecimal()
    assert frame.from_platform == "MOBILE_APP"
    assert frame.to_account_id == "1234567890123456789"


def test_the_authorising_frame_is_the_golden_one(wire: Wire) -> None:
    golden = json.loads(wire("push-auth.json"))
    assert json.loads(push.authorise_frame("1234567890123456789", "<access token>", "12")) == golden


def test_ids_may_be_numbers_and_platforms_arrays_and_contexts_absent() -> None:
    sender = {"accountId": 123, "platform": ["PS5", "PS4"]}
    frame = push.read_frame(
        event(
            {"customProperties": {"from": sender}},
            to={"accountId": 5, "platform": ["MOBILE_APP"]},
            contexts=[{"contextId": "c", "sequenceNumber": "7"}, {"contextId": 1}, "odd"],
        )
    )
    assert (frame.from_account_id, frame.from_platform, frame.to_account_id) == ("123", "PS5", "5")
    assert frame.contexts == (("c", 7),)
    assert push.read_frame(event()).contexts == ()


def test_binary_and_text_frames_read_alike() -> None:
    assert push.read_frame(event()) == push.read_frame(event().decode())


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "truncated"),
        (event()[:-5], "truncated"),
        (b"{]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "malformed"),
        (b'{"method":3001}', "malformed"),
        (b" " * (push.MAX_FRAME_BYTES + 1), "oversized"),
        (event({"x": [0.5] * 100_000}), "oversized"),
        (event({"x": 10**30}), "malformed"),
        (b"[" * 100_000, "malformed"),
    ],
)
def test_bad_frames_are_told_apart(raw: bytes, kind: str) -> None:
    with pytest.raises(PushFrameError) as caught:
        push.read_frame(raw)
    assert caught.value.kind == kind


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_do_anything_but_read_or_raise_the_typed_error(raw: bytes) -> None:
    with suppress(PushFrameError):
        push.read_frame(raw)


@given(JSON, JSON, JSON, st.text())
def test_no_shape_of_an_event_does_anything_else_either(to: Any, contexts: Any, data: Any, data_type: str) -> None:
    raw = json.dumps({"method": 3001, "to": to, "contexts": contexts, "dataType": data_type, "body": {"data": data}})
    with suppress(PushFrameError):
        push.read_frame(raw)


def test_both_generations_of_names_read_alike() -> None:
    for version in ("v2:ps:", "pts:"):
        assert push.event_name(f"{push.PREFIX}{version}members:created") == "members:created"
        assert push.event_name(f"{push.PREFIX}{version}customMessage:noSeq:created") == push.CUSTOM_MESSAGE
    assert push.event_name(f"{push.PREFIX}outside:v2:partySession:deleted") == "partySession:deleted"


# --- order -----------------------------------------------------------------------------------------


def take(order: push.Order[int], number: int, now: float = 0.0) -> push.Released[int]:
    return order.take(number, (("other", 99), ("c", number)), now)


@given(st.permutations(range(1, 12)), st.randoms())
def test_whatever_the_order_of_arrival_each_event_comes_out_once(numbers: list[int], chance: random.Random) -> None:
    order: push.Order[int] = push.Order("c")
    first = order.take(0, (("c", 0),), 0.0)
    out = list(first.events)
    for number in numbers:
        out += take(order, number).events
        out += take(order, chance.choice(numbers[: numbers.index(number) + 1])).events
    assert out == list(range(12))


def test_a_missing_event_is_waited_for_and_then_given_up_as_a_gap() -> None:
    order: push.Order[int] = push.Order("c", hold_s=0.5)
    assert take(order, 1, 0.0).events == (1,)
    assert take(order, 3, 1.0).events == ()
    assert order.deadline == 1.5
    assert order.expire(1.4) == push.Released()
    assert order.expire(1.5) == push.Released(events=(3,), gap=True)
    assert order.deadline is None
    assert take(order, 2, 2.0) == push.Released(events=(2,), gap=True)
    assert take(order, 4, 2.0) == push.Released(events=(4,))


def test_events_without_our_context_pass_at_once() -> None:
    order: push.Order[int] = push.Order("c")
    assert order.take(1, (), 0.0).events == (1,)
    assert order.take(1, (("other", 1),), 0.0).events == (1,)
