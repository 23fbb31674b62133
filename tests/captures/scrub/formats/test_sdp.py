"""What stays of each line of a description, and what is replaced."""

from __future__ import annotations

import pytest

from captures.scrub.fakes import Fakes
from captures.scrub.formats import sdp
from captures.scrub.scrubber import Scrubber
from common.psn.sdp import from_sony
from tests.captures.marks import marking
from tests.common.psn.sdp.samples import ANSWER, BRIDGE_OFFER, OFFER

UNCHANGED = [
    "v=0",
    "s=-",
    "t=0 0",
    "b=AS:64",
    "a=mid:0",
    "a=sendrecv",
    "a=ice-options:trickle renomination",
    "a=setup:actpass",
    "a=rtpmap:96 opus/16000/2",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
]


@pytest.mark.parametrize("line", UNCHANGED)
def test_a_line_of_the_protocol_stays(line: str) -> None:
    assert sdp.description(marking(), line) == line


@pytest.mark.parametrize(
    ("line", "scrubbed"),
    [
        ("v=1", "v=7"),
        ("s=Bo", "s=xx"),
        ("t=1 2", "t=7 7"),
        ("b=TIAS:12345678", "b=xxxx:77777777"),
        ("m=audio 34939 UDP/TLS/RTP/SAVPF 96 63", "m=audio 55555 UDP/TLS/RTP/SAVPF 96 63"),
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 55555 UDP/DTLS/SCTP webrtc-datachannel"),
        ("m=audio 5/2 Bo/AVP 96 abc", "m=audio 55555/7 xx/xxx 96 xxx"),
        ("m=bo 5 RTP/AVP 1", "m=xx 7 xxx/xxx 7"),
        ("o=- 4611731400430051336 2 IN IP4 93.184.216.119", "o=- 7777777777777777777 2 IN IP4 192.0.2.1"),
        ("o=bo 46 1234 IN IP6 2a02::1", "o=xx 77 7777 IN IP6 2001:db8::1"),
        ("o=- 1 2 IN IP4", "o=- 7 7 xx xx7"),
        ("o=bo 1 2 IN IP4 -", "o=xx 7 2 IN IP4 -"),
        ("c=IN IP4 93.184.216.119", "c=IN IP4 192.0.2.1"),
        ("c=IN IP4 host.example", "c=IN IP4 xxxx.xxxxxxx"),
        ("c=odd", "c=xxx"),
        ("a=mid:Bo", "a=mid:xx"),
        ("a=ice-ufrag:qK8x", "a=ice-ufrag:xx7x"),
        ("a=bo:secret", "a=xx:xxxxxx"),
        ("a=extmap:2 urn:bo", "a=extmap:2 urn:xx"),
        ("a=extmap:bo urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:xx urn:ietf:params:rtp-hdrext:sdes:mid"),
        ("a=rtcp:34939 IN IP4 93.184.216.119", "a=rtcp:55555 IN IP4 192.0.2.1"),
        ("a=rtcp:34939", "a=rtcp:55555"),
        ("a=rtcp:bo", "a=rtcp:xx"),
        ("a=fingerprint:sha-256 AB:CD", "a=fingerprint:sha-256 xx:xx"),
        ("a=fingerprint:bo AB:CD", "a=fingerprint:xx xx:xx"),
        ("a=ssrc:219881928 cname:Xk3vQz", "a=ssrc:777777777 cname:xx7xxx"),
        ("a=ssrc:219881928 bo:Xk3vQz", "a=ssrc:777777777 xx:xx7xxx"),
        ("a=ssrc:219881928 msid:- Xk_1_CELT/40", "a=ssrc:777777777 msid:- xx_1_CELT/40"),
        ("a=msid:- Xk3vQz_1_CELT/40", "a=msid:- xx7xxx_1_CELT/40"),
        ("a=msid:- Xk3vQz", "a=msid:- xx7xxx"),
        ("z=secret", "z=xxxxxx"),
        ("secret", "xxxxxx"),
    ],
)
def test_whom_a_line_names_is_replaced(line: str, scrubbed: str) -> None:
    assert sdp.description(marking(), line) == scrubbed


@pytest.mark.parametrize("start", ["candidate:", "a=candidate:"])
@pytest.mark.parametrize(
    ("rest", "scrubbed"),
    [
        (
            "1 1 udp 2122260223 93.184.216.119 34939 typ host generation 0 network-id 3",
            "7 1 udp 2122260223 192.0.2.1 55555 typ host generation 0 network-id 3",
        ),
        (
            "4 2 tcp 1 2a02::1 5 typ srflx raddr 10.88.213.94 rport 4000 tcptype active x-bo bo",
            "7 2 tcp 1 2001:db8::1 55555 typ srflx raddr 192.0.2.1 rport 55555 tcptype active x-xx xx",
        ),
        (
            "1 1 udp 1 h.local 5 typ relay rport x network-id many",
            "7 1 udp 1 x.xxxxx 55555 typ relay rport x network-id xxxx",
        ),
        ("odd", "xxx"),
    ],
)
def test_a_candidate_has_another_foundation_other_addresses_and_ports(start: str, rest: str, scrubbed: str) -> None:
    assert sdp.candidate(marking(), start + rest) == start + scrubbed
    assert sdp.description(marking(), f"a=candidate:{rest}") == f"a=candidate:{scrubbed}"


@pytest.mark.parametrize("sample", [OFFER, ANSWER, BRIDGE_OFFER])
def test_a_scrubbed_description_has_a_fingerprint_and_can_still_be_answered(sample: str) -> None:
    scrubbed = sdp.description(Scrubber(Fakes()), sample)
    assert keys_of(from_sony(scrubbed, "offer")).isdisjoint(keys_of(sample))


def keys_of(text: str) -> set[str]:
    found = {line for line in text.split("\r\n") if line.startswith(("a=fingerprint:", "a=ice-pwd:"))}
    assert len(found) == 2
    return found


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_each_line_keeps_its_end(end: str) -> None:
    assert sdp.description(marking(), end.join(["v=0", "s=Bo", ""])) == end.join(["v=0", "s=xx", ""])
