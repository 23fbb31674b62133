"""Whatever text comes in: a description that aiortc can read, or `BadSdp`."""

from __future__ import annotations

import contextlib

from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from common.psn.sdp import BadSdp, Kind, from_sony, to_sony
from tests.common.psn.sdp.samples import ANSWER, BRIDGE_OFFER, OFFER

KINDS: list[Kind] = ["offer", "answer"]
SAMPLES = (OFFER, ANSWER, BRIDGE_OFFER)


def check(text: str, kind: Kind) -> None:
    with contextlib.suppress(BadSdp):
        parsed = SessionDescription.parse(from_sony(text, kind))
        assert parsed.media[0].ice.usernameFragment
        assert parsed.media[0].dtls.fingerprints
        assert all(codec.mimeType == "audio/opus" for codec in parsed.media[0].rtp.codecs)
        assert parsed.media[0].rtp.codecs
    with contextlib.suppress(BadSdp):
        to_sony(text, kind)
    with contextlib.suppress(BadSdp):
        to_sony(OFFER, "answer", offer=text)
    with contextlib.suppress(BadSdp):
        from_sony(ANSWER, "answer", offer=text)


@given(st.text(max_size=400), st.sampled_from(KINDS))
def test_any_text(text: str, kind: Kind) -> None:
    check(text, kind)
    check("v=0\r\n" + text, kind)


@given(st.sampled_from(SAMPLES), st.sampled_from(KINDS), st.data())
@settings(max_examples=400)
def test_a_sample_with_a_piece_replaced(sample: str, kind: Kind, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample) - 1))
    length = data.draw(st.integers(0, 40))
    piece = data.draw(
        st.text(max_size=30)
        | st.sampled_from(
            ["\x0b", "\x85", "\u2028", "9" * 5000, "-1", "٣", " ", "\r\n\r\n", "a=", "m=audio 1 X 96\r\n"]
        )
    )
    check(sample[:start] + piece + sample[start + length :], kind)


@given(st.sampled_from(SAMPLES), st.sampled_from(KINDS), st.data())
@settings(max_examples=200)
def test_a_sample_with_its_lines_dropped_doubled_and_shuffled(sample: str, kind: Kind, data: st.DataObject) -> None:
    lines = sample.split("\r\n")
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=80))
    check("\r\n".join(["v=0", *chosen]), kind)
