"""RED packets, with any bytes at all."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.media.receive.buffer.red import MAX_BLOCKS, unpack_red


@given(st.binary(max_size=80))
def test_any_bytes_are_blocks_or_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        assert unpack_red(data)


def test_red_blocks_are_unpacked_oldest_first() -> None:
    data = bytes([0xE0]) + (1920 << 10 | 3).to_bytes(3, "big") + bytes([0x60]) + b"oldnewer"
    assert unpack_red(data) == [(96, 1920, b"old"), (96, 0, b"newer")]


def test_too_many_blocks_are_malformed() -> None:
    header = bytes([0xE0, 0, 0, 0])
    assert len(unpack_red(header * MAX_BLOCKS + bytes([0x60]))) == MAX_BLOCKS + 1
    with pytest.raises(ValueError, match="too many"):
        unpack_red(header * (MAX_BLOCKS + 1) + bytes([0x60]))
