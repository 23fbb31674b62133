"""What push events and the messages of other members show."""

from __future__ import annotations

import base64

import msgspec
import pytest

from cli.probe.observe.evidence import Evidence
from cli.probe.observe.observations import Numbers, Shows
from tests.cli.probe.observe.messages import ANSWER, ME, SMALL, event, message, party, take


def test_frames_of_others_show_their_line_their_numbers_and_their_dialect():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    take(evidence, (2.0, message(SMALL, counter=0, line="2/1/1")))
    seen = take(evidence, (3.0, message(SMALL, "answer", ANSWER, counter=3, line="2/1/1")))
    assert Numbers(who="A", counters=(0, 3)) in seen
    shown = {one.name: one.value for one in seen if isinstance(one, Shows)}
    assert shown == {"frame.line": "2/1/1", "sdp.ssrc": "as-captured", "sdp.answer-clock": "16000"}


def test_our_own_echo_another_party_and_what_cannot_be_read_show_nothing():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    foreign = msgspec.structs.replace(message(SMALL), session_id="other")
    broken = event("customMessage:noSeq:created", sender=SMALL, customMessage={"channel": "miranda:12", "payload": "x"})
    assert take(evidence, (2.0, message(ME)), (2.0, foreign), (2.0, broken)) == []


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"members": [{"customProperties": {"leftEventCause": "MEMBER_LEFT"}}]}, "entry"),
        ({"customProperties": {"leftEventCause": "MEMBER_LEFT"}, "members": [{}]}, "event"),
    ],
)
def test_where_the_cause_of_leaving_stands(data, value):
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    (seen,) = take(evidence, (2.0, event("members:deleted", **data)))
    assert (seen.name, seen.value) == ("party.left-cause-place", value)


@pytest.mark.parametrize(("place", "value"), [("", "empty"), ("AQAAAA==", "number"), ("x", "empty")])
def test_place_1_of_others(place, value):
    data4 = base64.b64encode(msgspec.json.encode(["", place, "1", "0", "6.2.0"])).decode()
    entry = {"accountId": "30", "platform": "PS5", "customData4": data4}
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    (seen,) = take(evidence, (2.0, event("m:customData4:updated", members=[entry])))
    assert (seen.name, seen.value) == ("customdata4.place-1", value)
    assert take(evidence, (2.0, event("members:created", members=[{**entry, "accountId": "50"}]))) != [], "no phone"
