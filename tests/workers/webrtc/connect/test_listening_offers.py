"""Offers and answers as text."""

from __future__ import annotations

import pytest

from workers.webrtc.connect import listening_offers
from workers.webrtc.connect.listening_offers import BadOfferError

FINGERPRINT = ":".join(["AB"] * 32)
OFFER = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0
c=IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 0f3e5a52-1111-4222-8333-944455556666.local 54321 typ host
a=end-of-candidates
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdef01234567
a=ice-options:trickle
a=fingerprint:sha-256 {FINGERPRINT.lower()}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 nack
a=fmtp:111 minptime=10;useinbandfec=1;stereo=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
"""


def test_an_offer_keeps_opus_alone_and_no_candidate() -> None:
    offer = listening_offers.understood(OFFER.replace("\n", "\r\n"))
    assert offer.fingerprint == FINGERPRINT
    assert offer.opus == "111"
    lines = offer.sdp.split("\r\n")
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111" in lines
    assert "a=rtcp-fb:111 nack" in lines
    assert not [line for line in lines if "candidate" in line or "red" in line or "PCMU" in line or ":63" in line]
    assert offer.sdp.endswith("\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("m=audio", "m=video"),
        ("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/16000/2"),
        ("SAVPF 111 63 0", "SAVPF 63 0"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        (FINGERPRINT.lower(), FINGERPRINT.lower()[:-3]),
        ("a=ice-pwd:", "a=ice-lite:"),
        ("a=setup:actpass", "a=x"),
        ("a=recvonly", "a=sendonly"),
        ("a=recvonly", "a=inactive"),
        ("a=rtcp-mux", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
        ("a=rtcp-mux", f"a=fingerprint:sha-256 {':'.join(['CD'] * 32)}"),
    ],
)
def test_what_is_no_offer_to_receive_is_refused_in_words(old: str, new: str) -> None:
    with pytest.raises(BadOfferError, match="offer") as refused:
        listening_offers.understood(OFFER.replace(old, new, 1))
    assert refused.value.remedy


@pytest.mark.parametrize("text", ["", "\n", "x" * 1000, "v=0"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadOfferError):
        listening_offers.understood(text)


def test_an_answer_says_what_aiortc_leaves_out() -> None:
    offer = listening_offers.understood(OFFER)
    said = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=sendonly\r\n"
    stereo = listening_offers.answer(said, offer, stereo=True)
    assert "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1\r\n" in stereo
    assert "stereo=0" in listening_offers.answer(said, offer, stereo=False)
