"""Which differences of two captures count, by calls that are made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from captures.model import Body, Capture, CapturedFrame, CapturedMessage, Exchange
from captures.tell.compare import compare, notes
from tests.captures.tell.made import capture, exchange, payload, said

GET = {"method": "GET", "path": "/api/x"}
POST = {"path": "/api/y"}


def polls(every_s: float, number: int = 3) -> Capture:
    return capture(*(exchange(n=n, **GET, at=n * every_s) for n in range(number)))


@pytest.mark.parametrize(
    ("app_s", "ours_s", "differ"),
    [
        (10.0, 15.0, False),
        (1.0, 6.0, False),  # not by more than 5 s
        (1.0, 6.5, True),
        (10.0, 20.0, False),  # not by more than a factor of 2
        (10.0, 20.5, True),
        (20.5, 10.0, True),
    ],
)
def test_a_pace_differs_by_more_than_5_s_and_a_factor_of_2(app_s: float, ours_s: float, differ: bool) -> None:
    assert [one.what for one in compare(polls(app_s), polls(ours_s))] == ["pace"] * differ


@pytest.mark.parametrize(("app", "ours", "differ"), [(3, 3, True), (3, 2, False), (2, 3, False), (2, 2, False)])
def test_a_pace_is_compared_from_three_calls_on(app: int, ours: int, differ: bool) -> None:
    assert bool(compare(polls(10.0, app), polls(100.0, ours))) == differ


def two(first: Any, first_s: float, then: Any, then_s: float, *, took: float = 0.0) -> Capture:
    return capture(exchange(n=0, **first, at=first_s, took=took), exchange(n=1, **then, at=then_s))


OTHER = {"path": "/api/z"}


@pytest.mark.parametrize(
    ("app", "differ"),
    [
        (two(POST, 0.0, OTHER, 1.01, took=1.0), True),
        (two(POST, 0.0, OTHER, 1.004, took=1.0), False),  # as good as at the same time
        (two(POST, 0.0, OTHER, 0.5, took=1.0), False),
    ],
)
def test_an_order_counts_if_the_app_waited_for_the_answer(app: Capture, differ: bool) -> None:
    found = [(one.call, one.what, one.app, one.ours) for one in compare(app, two(OTHER, 0.0, POST, 2.0))]
    assert found == [("POST /api/z", "order", "after POST /api/y", "before it")] * differ


def test_reads_count_neither_by_their_number_nor_by_their_order() -> None:
    app = capture(exchange(n=0, **GET, at=0.0), exchange(n=1, **POST, at=1.0))
    ours = capture(exchange(n=0, **POST, at=0.0), *(exchange(n=n, **GET, at=float(n)) for n in (1, 2)))
    assert compare(app, ours) == []


def asked(**more: Any) -> Capture:
    return capture(Exchange(n=0, at=0.0, took=0.0, method="POST", host="h", path="/api/y", **more))


def headed(*headers: tuple[str, str]) -> Capture:
    return asked(request=CapturedMessage(headers=headers))


@pytest.mark.parametrize(
    ("app", "ours", "found"),
    [
        (headed(("Host", "a"), ("Cache-Control", "b")), headed(("Connection", "c")), []),
        (headed(("X-Bo", "a")), headed(("x-bo", "b")), []),  # its value was replaced anyhow
        (headed(("X-Bo", "a")), headed(), [("header that we do not send", "x-bo", "")]),
        (
            headed(("X-Psn-Os-Ver", "14")),
            headed(("X-Psn-Os-Ver", "15")),
            [("value of header x-psn-os-ver", "14", "15")],
        ),
        (
            asked(query=(("view", "v3"), ("bo", "1"))),
            asked(query=(("view", "v2"), ("bo", "2"))),
            [("value of parameter view", "v3", "v2")],
        ),
        (
            asked(query=(("limit", "11"),)),
            asked(query=(("limit", "secret"),)),
            [("value of parameter limit", "11", "…")],
        ),
        (
            asked(request=CapturedMessage(body=Body(kind="json", data={}))),
            asked(request=CapturedMessage(body=Body(kind="form", data=[["a", "b"]]))),
            [("kind of body", "json", "form")],
        ),
        (
            asked(request=CapturedMessage(body=Body(kind="form", data=[["grant_type", "refresh_token"]]))),
            asked(request=CapturedMessage(body=Body(kind="form", data=[["grant_type", "password"]]))),
            [("value of field grant_type", '"refresh_token", text', "text")],
        ),
        (
            asked(request=CapturedMessage(body=Body(kind="json", data={"a": [{"type": "offer"}]}))),
            asked(request=CapturedMessage(body=Body(kind="json", data={"a": [{"type": 5}]}))),
            [("value of field a[].type", '"offer", text', "number")],
        ),
    ],
)
def test_what_differs_within_a_call_is_told(app: Capture, ours: Capture, found: list[tuple[str, str, str]]) -> None:
    assert [(one.what, one.app, one.ours) for one in compare(app, ours)] == found


def told_by_client(data: Any) -> Capture:
    frames = (
        CapturedFrame(exchange=0, at=0.0, sender="client", body=Body(kind="json", data=data)),
        CapturedFrame(exchange=0, at=0.0, sender="server", body=Body(kind="json", data={"odd": str(data)})),
    )
    return Capture(frames=frames)


def test_what_we_tell_the_push_server_is_compared_and_what_it_tells_us_is_not() -> None:
    assert compare(told_by_client({"method": 1003}), told_by_client({"method": 1003})) == []
    (one,) = compare(told_by_client({"method": 1003}), told_by_client({"method": 1003, "status": 1}))
    assert (one.call, one.what, one.ours) == (
        "messages to the push server",
        "field that the app does not send",
        "status",
    )
    assert compare(Capture(), Capture()) == []


def spoken(**more: Any) -> Capture:
    return capture(exchange(said(payload(**more))))


@pytest.mark.parametrize(
    ("ours", "what"),
    [
        ({"prefix": "2/2\n"}, "value of field prefix"),
        ({"counter": 7}, "value of field counter"),
        ({"header_sender": "2938475610293847561"}, "value of field header's sender"),
    ],
)
def test_a_frame_that_differs_is_told_by_its_field(ours: dict[str, Any], what: str) -> None:
    assert [one.what for one in compare(spoken(), spoken(**ours)) if one.call == "messages between members"] == [what]


def test_what_was_sent_is_a_note_if_it_differs() -> None:
    assert notes(spoken(), spoken()) == []
    assert notes(spoken(), Capture()) == ["The app sent offers, we nothing: who offers depends on who is faster."]


def test_each_pair_of_calls_is_looked_at() -> None:
    def made(*names: str) -> Capture:
        return capture(*(exchange(n=n, path=f"/api/{name}", at=float(n)) for n, name in enumerate(names)))

    found = compare(made("a", "b", "c"), made("b", "a", "c"))
    assert [(one.call, one.app) for one in found] == [("POST /api/b", "after POST /api/a")]
    found = compare(made("a", "b", "c"), made("c", "b", "a"))
    assert [one.call[-1] + one.app[-1] for one in found] == ["ba", "ca", "cb"]
