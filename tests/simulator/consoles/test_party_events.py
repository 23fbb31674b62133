"""What a console reads in its push frames."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.psn.miranda.frames import CHANNEL, BadMiranda, encode_payload, frame, message
from common.psn.miranda.message import MessageEnd
from simulator.consoles.party_events import Ended, Event, Joined, Left, Named, SignalEvent, read
from simulator.parties import custom_data3, events

OURS = "4000000000000000000"
BO = {"accountId": "5012345678901234567", "platform": "PS5"}
PEER = "5012345678901234567.PS5"


def push(kind: str, **data: Any) -> bytes:
    body = {"data": {"sessionId": "s-1", **data}}
    return json.dumps({"dataType": events.PREFIX + kind, "body": body}).encode()


def naming(*account_ids: str) -> dict[str, str]:
    return {**BO, "customData3": custom_data3.naming("s-1", account_ids)}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (push(events.MEMBERS_CREATED, members=[{**BO, "joinOrder": 3}]), [Joined(PEER, 3)]),
        (push(events.MEMBERS_DELETED, members=[BO]), [Left(PEER)]),
        (push(events.PARTY_DELETED), [Ended()]),
        (push(events.CUSTOM_DATA3_UPDATED, members=[naming(OURS)]), [Named(PEER, us=True)]),
        (push(events.CUSTOM_DATA3_UPDATED, members=[naming("1")]), [Named(PEER, us=False)]),
        (push(events.NAME_UPDATED, sessionName="x"), []),
    ],
)
def test_each_event_is_read_as_what_it_means_for_a_console(raw: bytes, found: list[Event]) -> None:
    assert read(raw, "s-1", OURS) == found
    assert read(raw, "s-2", OURS) == [], "of another party"


def custom_message(payload: str, channel: str = CHANNEL) -> bytes:
    sent = {"channel": channel, "payload": payload}
    return push(events.CUSTOM_MESSAGE, customMessage=sent, customProperties={"from": BO})


def test_a_message_comes_with_its_sender_and_only_on_its_channel() -> None:
    sent = message(
        "offer",
        MessageEnd(account_id=BO["accountId"], platform=1),
        MessageEnd(account_id=OURS, platform=1),
        "v=0",
        1,
        1,
    )
    payload = encode_payload(frame(sent))
    assert read(custom_message(payload), "s-1", OURS) == [SignalEvent(PEER, sent)]
    assert read(custom_message(payload, "other:1"), "s-1", OURS) == []
    with pytest.raises(BadMiranda):
        read(custom_message("ver=1.0, type=binary, body=AAAA"), "s-1", OURS)
