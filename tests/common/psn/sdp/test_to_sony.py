"""Our own description as Sony's apps would write it."""

from __future__ import annotations

import pytest

from common.psn.sdp import BadSdp, from_sony, opus_format, to_sony
from tests.common.psn.sdp.samples import OFFER

PLAIN = from_sony(OFFER, "offer")
"""A description in aiortc's words."""
CANDIDATE = next(line for line in PLAIN.split("\r\n") if line.startswith("a=candidate"))


@pytest.mark.parametrize("key", ["a=ice-pwd", "a=ice-ufrag", "a=fingerprint"])
def test_a_description_without_a_key_is_refused(key: str) -> None:
    with pytest.raises(BadSdp, match="keys"):
        to_sony(PLAIN.replace(key, "a=x"), "offer")


def test_an_answer_without_its_offer_is_modelled_on_the_captured_one() -> None:
    answer = to_sony(PLAIN, "answer")
    assert opus_format(answer) == (96, 16000)
    assert "a=ptime:40\r\n" in answer


def test_of_several_opus_formats_the_preferred_one_is_offered() -> None:
    both = PLAIN.replace("SAVPF 96", "SAVPF 111 96").replace("a=rtpmap:96", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:96")
    assert opus_format(to_sony(both, "offer")) == (111, 16000)


@pytest.mark.parametrize(
    ("candidates", "address"),
    [
        ([("100", "203.0.113.9", "srflx"), ("200", "203.0.113.10", "srflx")], "203.0.113.10"),
        ([("900", "192.0.2.7", "host"), ("200", "203.0.113.10", "srflx")], "203.0.113.10"),
        ([("900", "2001:db8::7", "host"), ("200", "192.0.2.7", "host")], "192.0.2.7"),
    ],
)
def test_the_default_address_is_public_and_of_ipv4_if_there_is_one_and_the_best_of_these(
    candidates: list[tuple[str, str, str]], address: str
) -> None:
    lines = [line for line in PLAIN.split("\r\n") if not line.startswith("a=candidate")]
    at = lines.index("a=end-of-candidates")
    lines[at:at] = [
        f"a=candidate:{number} 1 udp {priority} {address} 4000 typ {kind}"
        + (" raddr 0.0.0.0 rport 0" if kind == "srflx" else "")
        for number, (priority, address, kind) in enumerate(candidates)
    ]
    audio = to_sony("\r\n".join(lines), "offer").partition("m=audio")[2]
    assert f"\r\nc=IN IP4 {address}\r\n" in audio.partition("m=application")[0]
