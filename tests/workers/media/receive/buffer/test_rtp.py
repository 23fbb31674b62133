"""RTP packets, with any bytes at all."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from workers.media.receive.buffer.rtp import Rtp, parse_rtp


@given(st.binary(max_size=80))
def test_any_bytes_are_a_packet_or_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        assert parse_rtp(data).payload in data


def test_rtp_with_padding_sources_and_extension_gives_the_bare_payload() -> None:
    head = bytes([0xB1, 0xE0, 0x12, 0x34]) + bytes(3) + b"\x07" + bytes(3) + b"\x09" + bytes(4)
    data = head + b"\xbe\xde\x00\x01" + b"\x10\xff\x00\x00" + b"opus" + b"\x00\x00\x03"
    assert parse_rtp(data) == Rtp(0x1234, 7, 9, 0x60, b"opus")
