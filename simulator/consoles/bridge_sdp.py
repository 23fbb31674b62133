"""A bridge's offer as captured (tests/wire/bridge-offer.sdp), and the check of an answer to it."""

from __future__ import annotations

import re
from typing import Literal

from common.psn.sdp.text import audio_of, candidate_line, parse

Direction = Literal["recvonly", "sendonly", "sendrecv"]
"""Seen from the bridge. recvonly, as captured, only listens."""

PAYLOAD_TYPE = 111
_ANSWERS = {
    "recvonly": ("sendonly", "inactive"),
    "sendonly": ("recvonly", "inactive"),
    "sendrecv": ("sendrecv", "sendonly", "recvonly", "inactive"),
}
_MSID = "a=msid:- 00B21D6E-0000-4000-A000-000000000000_1_CELT/40"


def offer_of(local: str, direction: Direction) -> str:
    """Return aiortc's local description in the bridge's dialect. aiortc takes the payload type from the answer."""
    audio = audio_of(parse(local))
    ufrag, pwd = audio.ice or ("", "")
    algorithm, fingerprint = audio.fingerprints[0]
    first = audio.candidates[0]
    keys = [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}"]
    lines = [
        *("v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0"),
        *("a=group:BUNDLE 0 1", "a=msid-semantic: WMS"),
        f"m=audio {first.port} UDP/TLS/RTP/SAVPF {PAYLOAD_TYPE} 13",
        f"c=IN IP4 {first.address}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *(f"a=candidate:{candidate_line(candidate)} generation 0" for candidate in audio.candidates),
        *keys,
        f"a=fingerprint:{algorithm} {fingerprint}",
        *("a=setup:actpass", "a=mid:0"),
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=extmap:2 urn:uuid:84a86fab-a84f-4d61-b376-2ee79d2b67d2#sie:rtp-hdrext:rtp-payload-signature",
        f"a={direction}",
        *([] if direction == "recvonly" else [_MSID]),
        "a=rtcp-mux",
        f"a=rtpmap:{PAYLOAD_TYPE} opus/16000/2",
        f"a=fmtp:{PAYLOAD_TYPE} minptime=10;stereo=0;useinbandfec=1",
        *("a=rtpmap:13 CN/8000", "a=ptime:40"),
        f"m=application {first.port} UDP/DTLS/SCTP webrtc-datachannel",
        f"c=IN IP4 {first.address}",
        *keys,
        *("a=setup:actpass", "a=mid:1", "a=sctp-port:5000", "a=max-message-size:262144"),
    ]
    return "\r\n".join(lines) + "\r\n"


def wrong_with(answer: str, direction: Direction) -> list[str]:
    """Return what makes an answer to an offer of that direction invalid, empty if nothing does."""
    lines = answer.split("\r\n")
    wrong = [] if answer.endswith("\r\n") else ["lines do not end with CR LF"]
    if not any(re.fullmatch(rf"m=audio \d+ UDP/TLS/RTP/SAVPF {PAYLOAD_TYPE}( 13)?", line) for line in lines):
        wrong.append(f"audio is not of the payload types {PAYLOAD_TYPE} and 13")
    if f"a=rtpmap:{PAYLOAD_TYPE} opus/16000/2" not in lines:
        wrong.append("no opus/16000/2")
    if not any(f"a={allowed}" in lines for allowed in _ANSWERS[direction]):
        wrong.append(f"its direction does not answer {direction}")
    if "a=setup:active" not in lines and "a=setup:passive" not in lines:
        wrong.append("a=setup is not active or passive")
    wrong += [f"no {start}" for start in ("a=candidate:", "a=ice-pwd:", "a=fingerprint:sha-256") if start not in answer]
    return wrong
