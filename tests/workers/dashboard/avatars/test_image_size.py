from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.hosts.pictures import png
from workers.dashboard.avatars.image_size import size_of

HUGE = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 20_000, 20_000),
    "png, high": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 10, 4097),
    "gif": b"GIF89a" + struct.pack("<HH", 65_535, 1),
    "jpeg": b"\xff\xd8\xff\xe0\0\x04xx\xff\xff\xc2\0\x0b\x08" + struct.pack(">HH", 5000, 10) + b"\x01" * 9,
    "webp": b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16_000, 16),
    "webp, lossless": b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 16_000 | 10 << 14),
    "webp, extended": b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + b"\x3f\x42\x0f" * 2,
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_side_of_more_than_4096_pixels_is_seen_in_the_header(kind: str) -> None:
    assert max(size_of(HUGE[kind])) > 4096


def test_the_size_of_an_ordinary_picture_is_read() -> None:
    assert size_of(png("x", 10)) == (10, 10)
    assert size_of(b"GIF89a" + struct.pack("<HH", 300, 200)) == (300, 200)


@given(st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF1234WEBP"]), st.binary(max_size=80))
def test_any_bytes_have_a_size_or_none(head: bytes, rest: bytes) -> None:
    width, height = size_of(head + rest)
    assert width >= 0
    assert height >= 0
