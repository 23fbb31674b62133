"""Datagrams: those of python-osc's own builders are read, and no other bytes do any harm."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from integrations.osc.wire.osc_packets import (
    DEEPEST,
    FITS,
    LONGEST_DATAGRAM,
    MOST_MESSAGES,
    HeardMessage,
    MalformedError,
    decode,
    encode,
)


def message(address: str, *values: object) -> bytes:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


def bundle(*parts: bytes) -> bytes:
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(struct.pack(">i", len(part)) + part for part in parts)


def test_a_message_with_every_type() -> None:
    assert decode(message("/a", 1, 0.5, "x", True, False, None)) == [
        HeardMessage("/a", (1, 0.5, "x", True, False, None))
    ]


def test_a_bundle_in_a_bundle() -> None:
    inner = OscBundleBuilder(IMMEDIATELY)
    for address in ("/a", "/b"):
        builder = OscMessageBuilder(address)
        builder.add_arg(1)
        inner.add_content(builder.build())
    outer = OscBundleBuilder(2e9)  # a time that is far away
    outer.add_content(inner.build())
    assert [one.address for one in decode(outer.build().dgram)] == ["/a", "/b"]


def test_an_empty_bundle_says_nothing() -> None:
    assert decode(bundle()) == []
    assert decode(bundle(bundle(), b"/a\0\0")) == [HeardMessage("/a", ())]


def test_a_message_without_types_has_no_arguments() -> None:
    assert decode(b"/old\0\0\0\0") == [HeardMessage("/old", ())]


@pytest.mark.parametrize("datagram", [
    b"", b"x", b"GET / HTTP/1.1\r\n\r\n", b"#bundle", b"#bundle\0", b"/a", b"/\xff\xfe\0", b"/a\0\0,i\0\0",
    b"/a\0\0,]\0\0", b"/a\0\0i\0\0\0",
    bundle() + struct.pack(">i", -4), bundle() + struct.pack(">i", 0), bundle() + struct.pack(">i", 400) + b"/a\0\0",
    bundle(b"/a\0\0", b"abc\0"), bundle() + b"\0\0",
    bundle(*[b"/a\0\0"] * (MOST_MESSAGES + 1)), message("/" + "x" * LONGEST_DATAGRAM),
])  # fmt: skip
def test_what_is_malformed_is_refused_as_a_whole(datagram: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(datagram)


def test_bundles_are_not_followed_without_end() -> None:
    packet = b"/a\0\0"
    for _ in range(DEEPEST + 1):
        packet = bundle(packet)
    assert decode(packet)
    with pytest.raises(MalformedError):
        decode(bundle(packet))


@given(st.binary(max_size=400))
@example(b"/\0\0\0,[\0\0")
@example(b"/\0\0\0,t\0\0" + b"\xff" * 8)
def test_any_bytes_are_read_or_refused(datagram: bytes) -> None:
    for start in (b"", b"/a\0\0,", b"#bundle\0" + bytes(8)):
        try:
            decode(start + datagram)
        except MalformedError:
            pass


@pytest.mark.parametrize("bundles", [True, False])
def test_what_is_sent_is_read_by_python_osc(bundles: bool) -> None:
    values = {"/a": 1, "/b": 0.25, "/c": "Bo-Streams é"}
    sent = encode(values, bundles=bundles)
    assert len(sent) == (1 if bundles else 3)
    read = [one.message for datagram in sent for one in OscPacket(datagram).messages]
    assert {one.address: one.params for one in read} == {address: [value] for address, value in values.items()}


def test_a_long_state_becomes_several_datagrams_that_fit() -> None:
    values = {f"/partyline/talker/{place}/name": "x" * 40 for place in range(100)}
    sent = encode(values)
    assert len(sent) > 3
    assert max(map(len, sent)) <= FITS
    assert sum(len(OscPacket(datagram).messages) for datagram in sent) == 100


def test_one_message_is_no_bundle_and_nothing_is_nothing() -> None:
    assert encode({"/a": 1})[0].startswith(b"/a")
    assert encode({}) == []
