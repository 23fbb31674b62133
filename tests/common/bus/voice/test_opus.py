"""Headers of Opus packets, with any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.bus.voice.opus import MAX_SAMPLES, has_fec, packet_samples


@given(st.binary(max_size=80))
def test_any_bytes_have_a_duration_that_opus_allows(data: bytes) -> None:
    assert 0 <= packet_samples(data) <= MAX_SAMPLES
    assert has_fec(data) in (True, False)


@pytest.mark.parametrize(
    ("toc", "rest", "samples"),
    [
        (10 << 3, b"", 1920),
        (11 << 3, b"", 2880),
        (16 << 3, b"", 120),
        (31 << 3 | 1, b"", 1920),
        (31 << 3 | 3, b"\x07", 0),
    ],
)
def test_the_duration_is_read_from_the_toc(toc: int, rest: bytes, samples: int) -> None:
    assert packet_samples(bytes([toc]) + rest) == samples
