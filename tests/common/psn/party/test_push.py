from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.errors import PushFrameError
from common.psn.party import push

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


# --- answers ---------------------------------------------------------------------------------------


def test_the_golden_answers_are_read(wire: Wire) -> None:
    accepted = push.read_frame(wire("push-auth.response.json"))
    assert (accepted.method, accepted.tran_id, accepted.return_code) == (push.AUTHORISE, "12", 0)
    status = push.read_frame(wire("push-status.response.json"))
    assert (status.method, status.tran_id, status.return_code) == (push.STATUS, "13", 0)
    assert status.keep_alive == push.KeepAliveTold(interval_s=10, pong_s=20, presence_s=30)


def test_the_frame_that_changes_the_type_is_the_golden_one(wire: Wire) -> None:
    assert json.loads(push.status_frame(3, "13")) == json.loads(wire("push-status.request.json"))


def test_a_refusal_may_say_when_to_come_again_in_seconds() -> None:
    raw = {"method": 1003, "tranId": "1", "returnCode": "17", "retryInterval": 90}
    refused = push.read_frame(json.dumps(raw))
    assert (refused.return_code, refused.retry_interval_s, refused.keep_alive) == (17, 90.0, None)


@given(JSON, JSON, JSON, JSON)
def test_no_shape_of_an_answer_does_anything_but_read(tran_id: Any, code: Any, retry: Any, status: Any) -> None:
    raw = {"method": 1007, "tranId": tran_id, "returnCode": code, "retryInterval": retry, "keepAliveStatus": status}
    with suppress(PushFrameError):  # json writes Infinity, which is no JSON
        assert push.read_frame(json.dumps(raw)).method == push.STATUS


# --- order -----------------------------------------------------------------------------------------


def take(order: push.Order[int], number: int, now: float = 0.0) -> push.Released[int]:
    return order.add(number, (("other", 99), ("c", number)), now)


@given(st.permutations(range(1, 12)), st.randoms())
def test_whatever_the_order_of_arrival_each_event_comes_out_once(numbers: list[int], chance: random.Random) -> None:
    order: push.Order[int] = push.Order("c")
    out: list[int] = []
    for number in numbers:
        out += take(order, number).events
        again = take(order, chance.choice(numbers[: numbers.index(number) + 1]))
        assert not again.gap
        out += again.events
    assert out == list(range(1, 12))


def test_the_first_number_is_1_and_a_higher_one_waits_for_it() -> None:
    order: push.Order[int] = push.Order("c")
    assert take(order, 2).events == ()
    assert take(order, 1) == push.Released(events=(1, 2))


def test_a_missing_event_is_waited_for_5_s_and_then_given_up_as_a_gap() -> None:
    order: push.Order[int] = push.Order("c")
    assert take(order, 1, 0.0).events == (1,)
    assert take(order, 3, 1.0).events == ()
    assert order.deadline == 6.0
    assert order.expire(5.9) == push.Released()
    assert order.expire(6.0) == push.Released(events=(3,), gap=True)
    assert order.deadline is None
    assert take(order, 4, 7.0) == push.Released(events=(4,))


def test_what_is_lower_than_awaited_is_dropped_and_counts_as_a_gap_once() -> None:
    order: push.Order[int] = push.Order("c", first=None)
    assert take(order, 7).events == (7,)
    assert take(order, 5) == push.Released(gap=True)
    assert take(order, 5) == push.Released()
    assert order.dropped == 2


def test_zero_means_unordered() -> None:
    order: push.Order[int] = push.Order("c")
    assert [take(order, 0).events for _ in range(2)] == [(0,), (0,)]


def test_after_a_reopening_whichever_number_comes_next_is_the_beginning() -> None:
    order: push.Order[int] = push.Order("c")
    take(order, 1)
    take(order, 3)
    assert order.restart().events == (3,)
    assert order.deadline is None
    assert take(order, 4).events == (4,)
    assert order.restart() == push.Released()
    assert take(order, 90).events == (90,)


def test_what_waits_is_bounded() -> None:
    order: push.Order[int] = push.Order("c")
    released = [take(order, number) for number in range(2, 600)]
    assert sum(one.gap for one in released) == 1
    assert sum(len(one.events) for one in released) == 598


@given(st.lists(st.tuples(st.integers(0, 2**63 - 1) | st.integers(0, 12), st.floats(0, 3)), max_size=60))
def test_no_numbers_make_an_event_come_twice_or_wait_for_ever(steps: list[tuple[int, float]]) -> None:
    order: push.Order[tuple[int, int]] = push.Order("c")
    now, out = 0.0, []
    for place, (number, passed) in enumerate(steps):
        now += passed
        out += order.expire(now).events
        out += order.add((place, number), (("c", number),), now).events
    for _ in range(len(steps)):
        now += push.HOLD_S
        out += order.expire(now).events
    assert len(out) == len(set(out))
    assert order.deadline is None
    numbers = [number for _, number in out if number]
    assert len(numbers) == len(set(numbers))


def test_events_without_our_context_pass_at_once() -> None:
    order: push.Order[int] = push.Order("c")
    assert order.add(1, (), 0.0).events == (1,)
    assert order.add(1, (("other", 1),), 0.0).events == (1,)


@pytest.mark.parametrize("number", [2**63, 2**64, 10**30, -1, 1.5, "x", None, True])
def test_a_number_that_is_none_is_no_number(number: Any) -> None:
    frame = push.read_frame(event(contexts=[{"contextId": "c", "sequenceNumber": number}]))
    assert frame.contexts == ()
    msgspec.msgpack.encode(frame)


def test_a_frame_of_an_unknown_method_is_an_answer_and_a_negative_one_is_none() -> None:
    assert push.read_frame('{"method": 0}').method == 0
    for bad in ('{"method": -1}', '{"method": "x"}', "{}"):
        with pytest.raises(PushFrameError, match="no method"):
            push.read_frame(bad)


def test_what_a_server_leaves_out_of_its_keep_alive_is_0_and_an_event_asks_for_no_wait() -> None:
    assert push.read_keep_alive({}) == push.KeepAliveTold()
    assert push.KeepAliveTold().pong_s == 0.0
    assert push.read_frame('{"method": 3001, "dataType": "x"}').retry_interval_s == 0.0


@pytest.mark.parametrize(("size", "carried"), [(500_000, True), (530_000, False)])
def test_an_event_of_half_a_megabyte_is_carried_and_a_larger_one_is_refused(size: int, carried: bool) -> None:
    frame = json.dumps({"method": 3001, "dataType": "x", "body": {"data": {"x": "y" * size}}})
    if carried:
        assert len(push.read_frame(frame).data["x"]) == size
    else:
        with pytest.raises(PushFrameError) as caught:
            push.read_frame(frame)
        assert caught.value.kind == "oversized"
