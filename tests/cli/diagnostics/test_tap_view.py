"""What the tap prints of a message, and that it prints no secret."""

from __future__ import annotations

import base64
import json

import pytest

from cli.diagnostics import tap_view
from cli.shared.terminal import Style
from common.messages import MESSAGES, Message, PeerSignal, Problem, PushEvent, WorkerHealth
from tests.cli.shared.bus_states import cleared, received
from tests.support.made import health, peer_state

PLAIN = Style(on=False)
SECRET = "inventedPwd000000000001"
SDP = (
    f"v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=ice-pwd:{SECRET}\r\n"
    "a=setup:actpass\r\na=rtpmap:96 opus/16000/2\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
)


def text(message: Message) -> str:
    """Return the line without its clock, which depends on the time zone."""
    return tap_view.as_text(received(message), PLAIN).partition("  ")[2]


def test_a_line_has_sender_topic_and_what_differs_from_the_default():
    assert text(peer_state(delay_ms=41.26, detail="all well")) == (
        "test        peer.state/2.PS5  account_id=2  platform=PS5  online_id=Bo-Streams  connection=connected"
        '  detail="all well"  codec=opus/16000  delay_ms=41.26  way=own'
    )


def test_a_cleared_message_says_so():
    assert tap_view.as_text(cleared(peer_state()), PLAIN).endswith("peer.state/2.PS5  cleared")


def test_an_sdp_is_summed_up_and_its_password_is_nowhere():
    signal = PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp=SDP)
    assert "sdp=<7 lines: audio+application, opus/16000/2, setup actpass, 1 candidates>" in text(signal)
    line = tap_view.as_json(received(signal))
    assert SECRET not in line
    assert "a=candidate:1 1 udp" in json.loads(line)["message"]["sdp"]


@pytest.mark.parametrize("prefix", ["ver=1.0, type=binary, body=", ""])
def test_a_signaling_payload_is_not_shown_for_it_holds_a_password(prefix):
    payload = prefix + base64.b64encode(b"\1" * 44 + SDP.encode() * 2).decode()
    event = PushEvent(epoch="e", number=1, data_type="x", data={"customMessage": {"payload": payload}})
    for line in (text(event), tap_view.as_json(received(event))):
        assert "characters of base64]" in line
        assert base64.b64encode(SDP.encode())[:40].decode() not in line


def test_tokens_are_hidden_wherever_they_stand():
    jwt = "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln"
    event = PushEvent(epoch="e", number=1, data_type="x", data={"bridgeToken": "abcdefgh", "note": f"Bearer {jwt}"})
    for line in (text(event), tap_view.as_json(received(event))):
        assert "abcdefgh" not in line
        assert jwt not in line


def test_a_long_field_is_shortened_in_the_plain_form_only():
    problem = Problem(worker="w", code="c", message="x y " * 100, remedy="r", at=0)
    assert "… (400 characters)" in text(problem)
    assert json.loads(tap_view.as_json(received(problem)))["message"]["message"] == "x y " * 100


def test_json_has_every_field_and_the_header():
    line = json.loads(tap_view.as_json(received(health("media"))))
    assert line["message"].keys() == set(WorkerHealth.__struct_fields__)
    assert (line["sender"], line["topic"]) == ("test", "worker.health/media")


def test_a_message_cannot_steer_the_terminal():
    assert "\x1b" not in text(Problem(worker="w", code="c", message="a\x1b[2Jb", remedy="\x07", at=0))


def test_every_message_class_has_a_topic_for_the_filter():
    assert len({cls.TOPIC for cls in MESSAGES}) == len(MESSAGES)
