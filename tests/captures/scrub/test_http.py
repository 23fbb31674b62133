"""Whole exchanges: what is kept of each, when it happened, and which are dropped."""

from __future__ import annotations

from typing import Any

import pytest

from captures.model import RawExchange, RawFrame
from captures.scrub.http import ExchangeScrubber, scrub
from tests.captures.marks import Marks

URL = "https://m.np.playstation.com/api/sessionManager/v2/partySessions/abc123/members?view=v3&bo=secret&limit="
START = 1_800_000_000.0


def scrubbed(**more: Any) -> Any:
    made = RawExchange(**{"method": "GET", "url": URL, "at": START + 1.5, "took": 0.25, "status": 200, **more})
    return ExchangeScrubber(Marks(), START).exchange(made, 3)


def test_an_exchange_keeps_its_form() -> None:
    exchange, frames = scrubbed(
        headers=[("Content-Type", "application/json"), ("X-Bo", "secret")],
        body=b'{"bo":8}',
        answer_headers=[("content-type", "text/html")],
        answer=b"<p>",
    )
    assert (exchange.n, exchange.at, exchange.took, exchange.method, exchange.status) == (3, 1.5, 0.25, "GET", 200)
    assert (exchange.scheme, exchange.host) == ("https", "m.np.playstation.com")
    assert exchange.path == "/api/sessionManager/v2/partySessions/{1}/members"
    assert exchange.values == ("xxx777",)
    assert exchange.query == (("view", "v3"), ("xx", "xxxxxx"), ("limit", ""))
    assert exchange.request.headers == (("Content-Type", "application/json"), ("x-xx", "xxxxxx"))
    assert exchange.request.body.data == {"xx": 7}
    assert exchange.response.body.kind == "left-out"
    assert frames == []


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"method": "BO"}, "method", "OTHER"),
        ({"url": "gopher://m.np.playstation.com/"}, "scheme", "https"),
        ({"url": "wss://m.np.playstation.com/"}, "scheme", "wss"),
        ({"url": "https://[bad"}, "host", ""),
        ({"status": -1}, "status", 0),
        ({"status": 0}, "status", 0),
        ({"status": 999}, "status", 999),
        ({"status": 1000}, "status", 0),
        ({"took": 0.123456}, "took", 0.1235),
        ({"at": START + 0.123456}, "at", 0.1235),
        ({"at": START - 5.0}, "at", 0.0),
    ],
)
def test_what_does_not_fit_is_said_as_such(changed: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(scrubbed(**changed)[0], field) == value


def test_an_address_that_cannot_be_read_is_replaced_as_a_whole() -> None:
    assert scrubbed(url="https://[bad")[0].values == ("xxxxx://[xxx",)


@pytest.mark.parametrize(
    ("data", "client", "kind", "body"),
    [
        ('{"method":3001}', False, "json", {"method": 3001}),
        (b'{"bo":8}', True, "json", {"xx": 7}),
        (b"\xff\xfe", True, "bytes", "//8="),
        ("secret \ud800", False, "text", "xxxxxx ?"),
    ],
)
def test_a_message_of_a_websocket_keeps_its_sender_and_its_form(data: Any, client: bool, kind: str, body: Any) -> None:
    (frame,) = scrubbed(frames=[RawFrame(START + 2.0, client, data)])[1]
    assert (frame.exchange, frame.at, frame.sender) == (3, 2.0, "client" if client else "server")
    assert (frame.binary, frame.body.kind, frame.body.data) == (isinstance(data, bytes), kind, body)


def test_a_capture_begins_with_its_first_exchange_and_has_sonys_hosts_only() -> None:
    late = RawFrame(START + 9.0, False, "{}")
    early = RawFrame(START + 8.0, False, "{}")
    made = scrub(
        [
            RawExchange("GET", "https://example.com/", at=START - 100),
            RawExchange("GET", URL, at=START + 1.0, frames=[late]),
            RawExchange("GET", URL, at=START, frames=[early]),
        ],
        "har",
        "its end",
    )
    assert [(one.n, one.at) for one in made.exchanges] == [(0, 1.0), (1, 0.0)]
    assert [(one.exchange, one.at) for one in made.frames] == [(1, 8.0), (0, 9.0)]
    about = made.about
    assert (about.exchanges, about.frames, about.other_hosts, about.damage) == (2, 2, 1, "its end")
    assert scrub([], "har").about.exchanges == 0


def test_a_name_that_is_learnt_late_is_replaced_where_it_came_early_too() -> None:
    learns = RawExchange("POST", URL, at=START + 1, headers=[("Content-Type", "application/json")])
    learns.body = b'{"onlineId":"sessionPlayer"}'
    before = RawExchange("POST", URL, at=START, headers=learns.headers, body=b'{"type":"sessionPlayer"}')
    made = scrub([before, learns], "har")
    assert made.exchanges[0].request.body.data["type"] != "sessionPlayer"
