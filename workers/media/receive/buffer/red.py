"""RED packets (RFC 2198)."""

from __future__ import annotations

MAX_BLOCKS = 16
"""A RED packet with more blocks is malformed, and would cost more to unpack than it is worth."""


def unpack_red(payload: bytes) -> list[tuple[int, int, bytes]]:
    """Return RFC 2198's blocks as (payload type, timestamp offset, payload), the primary last.

    Raises `ValueError` if lengths do not fit.
    """
    headers: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload):
            raise ValueError("truncated RED header")
        if len(headers) == MAX_BLOCKS:
            raise ValueError("too many RED blocks")
        word = int.from_bytes(payload[at : at + 4], "big")
        headers.append((word >> 24 & 0x7F, word >> 10 & 0x3FFF, word & 0x3FF))
        at += 4
    if at >= len(payload):
        raise ValueError("RED without a primary block")
    primary = payload[at] & 0x7F
    at += 1
    blocks = []
    for payload_type, offset, length in headers:
        if at + length > len(payload):
            raise ValueError("truncated RED block")
        blocks.append((payload_type, offset, payload[at : at + length]))
        at += length
    return [*blocks, (primary, 0, payload[at:])]
