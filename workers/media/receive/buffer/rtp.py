"""RTP packets: the fields that are used (RFC 3550)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["opus", "red", "cn", "other"]

_HEADER = 12
MAX_JUMP = 3000
"""A larger jump of the sequence numbers is another stream, not a loss (RFC 3550 A.1)."""


@dataclass(frozen=True, slots=True)
class Rtp:
    """The fields of an RTP packet that are used."""

    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    payload: bytes

    def follows(self, other: Rtp) -> bool:
        """Return whether both can belong to one stream."""
        return self.ssrc == other.ssrc and (other.sequence - self.sequence + MAX_JUMP) % 65536 <= 2 * MAX_JUMP


def parse_rtp(data: bytes) -> Rtp:
    """Return the fields of an RTP packet (RFC 3550). Raises `ValueError`."""
    if len(data) < _HEADER or data[0] >> 6 != 2:
        raise ValueError("no RTP packet")
    start = _HEADER + 4 * (data[0] & 0x0F)
    if data[0] & 0x10:
        if len(data) < start + 4:
            raise ValueError("truncated header extension")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data)
    if data[0] & 0x20:
        end -= data[-1]
    if not _HEADER <= start <= end or (data[0] & 0x20 and not data[-1]):
        raise ValueError("lengths that do not fit")
    return Rtp(
        sequence=int.from_bytes(data[2:4], "big"),
        timestamp=int.from_bytes(data[4:8], "big"),
        ssrc=int.from_bytes(data[8:12], "big"),
        payload_type=data[1] & 0x7F,
        payload=bytes(data[start:end]),
    )
