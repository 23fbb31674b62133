"""By which way `/obs-audio` plays, and what it offers, in Node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workers.dashboard.pages.javascript import JavaScript, javascript
from workers.webrtc.connect import listening_offers

OFFER = (
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 0\r\n"
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\n"
    f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:0 PCMU/8000\r\n"
)
"""What Chromium offers, in its form."""


@pytest.fixture(scope="module")
def run() -> Iterator[JavaScript]:
    with javascript("listen/way.js") as made:
        yield made


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ({"via": None, "byLink": False, "hasWorklet": True, "hasWebRtc": True}, "websocket"),
        ({"via": None, "byLink": False, "hasWorklet": False, "hasWebRtc": True}, "webrtc"),
        ({"via": None, "byLink": False, "hasWorklet": False, "hasWebRtc": False}, "websocket"),
        ({"via": "webrtc", "byLink": False, "hasWorklet": True, "hasWebRtc": True}, "webrtc"),
        ({"via": "websocket", "byLink": False, "hasWorklet": False, "hasWebRtc": True}, "websocket"),
        ({"via": "x", "byLink": False, "hasWorklet": False, "hasWebRtc": True}, "webrtc"),
        ({"via": "websocket", "byLink": True, "hasWorklet": True, "hasWebRtc": True}, "webrtc"),
    ],
)
def test_the_way_follows_what_the_browser_can_and_the_address_asks(
    run: JavaScript, asked: dict[str, object], way: str
) -> None:
    assert run("chooseWay(asked)", asked=asked) == way


def test_a_ticket_is_found_in_the_fragment_only(run: JavaScript) -> None:
    assert run("ticketIn('#ticket=a-b_c')") == "a-b_c"
    assert run("ticketIn('')") == run("ticketIn('#other=1')") == ""


def test_the_offer_asks_for_stereo_fec_and_lost_packets_once_each(run: JavaScript) -> None:
    lines = run("wideOffer(sdp)", sdp=OFFER).split("\r\n")
    assert [line for line in lines if line.startswith("a=fmtp:111 ")] == [
        "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1"
    ]
    assert lines.count("a=rtcp-fb:111 nack") == 1
    assert not any("\n" in line or "\r" in line for line in lines)
    assert listening_offers.understood("\r\n".join(lines)).opus == "111"


def test_an_offer_without_fields_of_opus_gets_them(run: JavaScript) -> None:
    bare = OFFER.replace("a=fmtp:111 minptime=10;useinbandfec=1\r\n", "")
    lines = run("wideOffer(sdp)", sdp=bare).split("\r\n")
    place = lines.index("a=rtpmap:111 opus/48000/2")
    assert lines[place + 1 : place + 3] == [
        "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1",
        "a=rtcp-fb:111 nack",
    ]


def test_an_offer_without_opus_stays_as_it_is(run: JavaScript) -> None:
    assert run("wideOffer('v=0')") == "v=0"
