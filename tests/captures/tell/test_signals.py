"""The messages between members in a capture: where they are found, and the tables of them."""

from __future__ import annotations

from typing import Any

import pytest

from captures.tell.signals import (
    CapturedSdp,
    descriptions,
    dialect,
    dialect_table,
    header_table,
    message_table,
    signals,
)
from tests.captures.tell.made import ACCOUNT, OTHER, capture, exchange, payload, pushed, said
from tests.common.psn.sdp.samples import OFFER


def test_messages_are_found_in_requests_answers_and_pushes_in_that_order() -> None:
    found = signals(
        capture(exchange(said("a"), said("b"), n=4), exchange({}, [said("c")], n=5), pushed(None), pushed(said("d")))
    )
    assert [one.where for one in found] == ["exchange 4", "exchange 4", "exchange 5", "frame 1"]
    assert all(one.frame is None and one.problem for one in found)


@pytest.mark.parametrize("odd", [{"channel": 5, "payload": "x"}, {"channel": "x"}, {"payload": "x"}, "x", None, [5]])
def test_what_has_no_channel_and_payload_is_no_message(odd: Any) -> None:
    assert signals(capture(exchange(odd), exchange({"deep": [odd]}))) == []


@pytest.mark.parametrize(("depth", "count"), [(0, 1), (11, 1), (12, 0)])
def test_a_message_is_found_below_eleven_others(depth: int, count: int) -> None:
    body: Any = said("x")
    for _ in range(depth):
        body = {"inner": body}
    assert len(signals(capture(exchange(body)))) == count


def test_descriptions_are_those_in_messages_and_those_of_a_bridge() -> None:
    parts = capture(
        exchange(said(payload(sdp="v=0 a"))),
        exchange(said(payload(sdp=""))),
        exchange({"offer": {"sdp": "v=0 b"}, "answer": {"sdp": 5}}, {"answer": {"sdp": "v=0 c"}}, n=2),
    )
    assert descriptions(parts, signals(parts)) == [
        CapturedSdp("exchange 0", "offer", "v=0 a"),
        CapturedSdp("exchange 2", "bridge offer", "v=0 b"),
        CapturedSdp("exchange 2", "bridge answer", "v=0 c"),
    ]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_each_field_of_a_header_has_its_column_and_an_unreadable_message_its_reason() -> None:
    head, _, bad, good, _ = header_table(signals(capture(exchange(said("x"), n=1), exchange(said(payload())))))
    assert len(cells(head)) == len(cells(good)) == len(cells(bad)) == 11
    assert cells(good)[2:8] == ["offer", "`01 00 00 00`", "0", "1", "0", f"`{ACCOUNT}`"]
    assert cells(good)[8] == "100001 (MOBILE_APP)"
    assert cells(bad)[:2] == ["exchange 1", "`miranda:12`"]
    assert cells(bad)[2]
    assert not any(cells(bad)[3:])


def test_a_message_whose_header_names_another_sender_is_marked() -> None:
    found = signals(
        capture(exchange(said(payload())), exchange(said("x")), exchange(said(payload(header_sender=OTHER))))
    )
    _, _, own, other, _ = message_table(found)
    assert cells(own)[2:7] == [f"`{ACCOUNT}`", "yes", f"`{OTHER} (5)`", "9", "`3`"]
    assert cells(other)[3] == "**no**"


def test_the_dialect_lists_each_value_once_and_hides_those_that_always_differ() -> None:
    told = dialect(OFFER)
    assert told["group"] == ["0 1"]
    assert told["audio m="] == ["UDP/TLS/RTP/SAVPF 96 63 127 106 105 13 110 113"]
    assert told["audio candidate"] == told["application ice-pwd"] == ["…"]
    assert told["audio rtcp-mux"] == ["yes"]
    assert told["audio rtpmap"][:2] == ["96 opus/16000/2", "63 red/48000/2"]


def test_of_many_descriptions_eight_are_shown_and_the_unreadable_ones_are_named() -> None:
    found = [CapturedSdp(f"frame {number}", "offer", OFFER) for number in range(9)]
    found.insert(0, CapturedSdp("frame x", "offer", "no description"))
    lines = dialect_table(found)
    assert len(cells(lines[0])) == 1 + 8
    assert lines[-2].startswith("The description in frame x cannot be read: ")
    assert lines[-1] == ""
    assert dialect_table(found[1:])[-2].startswith("|")
