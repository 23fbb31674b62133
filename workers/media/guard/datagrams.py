"""The filter of datagrams for aioice and aiortc. No I/O, no clock. `benchmarks.guard.attack` checks its limits.

An honest sender never meets a limit. It sends at most 100 packets of 10 ms a second, and RTCP. Its packets come from an
address that is one of its candidates or has proved to know the local ICE password. After a NAT changed the port, they
have the SSRC of its voice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from enum import Enum
from typing import Literal

from common.basic.bucket import Bucket

Address = tuple[str, int]
DropReason = Literal[
    "empty",
    "oversized",
    "no STUN, DTLS or RTP",
    "from a stranger",
    "from nobody",
    "malformed STUN",
    "STUN without our password",
    "STUN too often",
    "too many packets",
    "too many sources",
    "too many waiting",
    "data channel",
    "fault",
]
"""Reason of a drop."""
OF_THE_PEER: frozenset[DropReason] = frozenset(
    {"STUN too often", "too many packets", "too many sources", "data channel"}
)
"""Reasons that only a connected or invited sender can cause, so the member itself."""

LARGEST = 1500
"""Bytes. An Ethernet frame holds 1472, and some stacks write slightly more over loopback."""
PACKETS_PER_S, PACKETS_AT_ONCE = 200.0, 400.0
"""RTP, RTCP and DTLS of one connection: twice the rate of 10 ms packets, and the backlog of a stall of 4 s."""
CHECKS_PER_S, CHECKS_AT_ONCE = 100.0, 300.0
"""STUN requests with the local user fragment. ICE itself starts 50 a second at most (RFC 8445, Ta = 20 ms)."""
SOURCES_PER_S, SOURCES_AT_ONCE = 1 / 3, 32.0
"""New SSRCs. libsrtp keeps state for each of them until the connection ends."""
MOST_SOURCES = 2000
"""New SSRCs in the life of a connection."""
SOURCES_KNOWN = 64
ADDRESSES_KNOWN = 32
WAITING = 512
"""Datagrams queued for aiortc at most."""

_HEADER = 20
_COOKIE = b"\x21\x12\xa4\x42"
_REQUEST, _RESPONSE, _ERROR = 0x0001, 0x0101, 0x0111


class DatagramKind(Enum):
    STUN = "stun"
    DTLS = "dtls"
    RTP = "rtp"


def kind_of(data: bytes) -> DatagramKind | None:
    """Return the kind of a datagram by its first byte (RFC 7983), or None if it is not one of them."""
    first = data[0] if data else 255
    if first < 4:
        return DatagramKind.STUN
    if 20 <= first <= 63:
        return DatagramKind.DTLS
    return DatagramKind.RTP if 128 <= first <= 191 and len(data) >= 8 else None


def is_rtcp(data: bytes) -> bool:
    """Return whether a packet is RTCP, not RTP, where both share one port (RFC 5761)."""
    return 192 <= data[1] <= 223


def source_of(data: bytes) -> int:
    """Return the SSRC of an RTP or RTCP packet, or 0 if it is too short."""
    at = 4 if is_rtcp(data) else 8
    return int.from_bytes(data[at : at + 4], "big") if len(data) >= at + 4 else 0


class DatagramGate:
    """The filter of one connection, with its counters."""

    def __init__(self) -> None:
        self.dropped: Counter[DropReason] = Counter()
        self.passed: Counter[DatagramKind] = Counter()
        self.checks = 0
        """STUN requests of the other side with the local password."""
        self.replies = 0
        """Responses to our own STUN requests."""
        self.last_fault = ""
        self._addresses: dict[Address, None] = {}
        self._sources: dict[int, None] = {}
        self._sources_ever = 0
        self._packets = Bucket(per_s=PACKETS_PER_S, at_once=PACKETS_AT_ONCE)
        self._checks = Bucket(per_s=CHECKS_PER_S, at_once=CHECKS_AT_ONCE)
        self._fresh = Bucket(per_s=SOURCES_PER_S, at_once=SOURCES_AT_ONCE)

    @property
    def too_much(self) -> int:
        """Number of drops because the member itself sends too much."""
        return sum(self.dropped[reason] for reason in OF_THE_PEER)

    def drop(self, reason: DropReason) -> None:
        self.dropped[reason] += 1

    def record_fault(self, error: Exception) -> None:
        """Record an exception that would have reached asyncio."""
        self.last_fault = f"{type(error).__name__}: {error}"
        self.drop("fault")

    def record_check(self) -> None:
        """Record a STUN request of the other side with the local password."""
        self.checks += 1

    def record_reply(self) -> None:
        """Record a response to our own STUN request."""
        self.replies += 1

    # --- who may send ----------------------------------------------------------------------------

    def admit(self, address: Address) -> None:
        """Accept packets from this address, which is a candidate or has proved to know the local password."""
        self._addresses.pop(address, None)
        self._addresses[address] = None
        if len(self._addresses) > ADDRESSES_KNOWN:
            del self._addresses[next(iter(self._addresses))]

    def admits(self, address: Address) -> bool:
        return address in self._addresses

    def record_authenticated(self, ssrc: int, now: float) -> None:
        """Record that a packet of this source passed SRTP's authentication."""
        if ssrc in self._sources:
            return
        self._fresh.take(now)
        self._sources_ever += 1
        self._sources[ssrc] = None
        if len(self._sources) > SOURCES_KNOWN:
            del self._sources[next(iter(self._sources))]

    def knows(self, data: bytes) -> bool:
        """Return whether this is RTP of an authenticated source."""
        return kind_of(data) is DatagramKind.RTP and source_of(data) in self._sources

    # --- what passes -----------------------------------------------------------------------------

    def kind(self, data: bytes) -> DatagramKind | None:
        """Return the kind of a datagram. Others are counted as dropped."""
        if not data:
            self.drop("empty")
        elif len(data) > LARGEST:
            self.drop("oversized")
        elif (found := kind_of(data)) is None:
            self.drop("no STUN, DTLS or RTP")
        else:
            return found
        return None

    def stun(self, data: bytes, fragment: str, expected: Container[bytes], now: float) -> bool:
        """Return whether to parse a STUN message: a request for `fragment`, or a reply to one of `expected`."""
        if len(data) < _HEADER or data[4:8] != _COOKIE or int.from_bytes(data[2:4], "big") != len(data) - _HEADER:
            self.drop("malformed STUN")
            return False
        message = int.from_bytes(data[:2], "big")
        if message in (_RESPONSE, _ERROR):
            return data[8:_HEADER] in expected  # a late reply is not counted as a drop
        if message != _REQUEST:
            return False
        if f"{fragment}:".encode() not in data:
            self.drop("STUN without our password")
            return False
        if not self._checks.take(now):
            self.drop("STUN too often")
            return False
        return True

    def packet(self, kind: DatagramKind, data: bytes, waiting: int, now: float) -> bool:
        """Return whether to pass DTLS or RTP of the other side to aiortc, whose queue has `waiting` datagrams."""
        if waiting >= WAITING:
            self.drop("too many waiting")
        elif kind is DatagramKind.RTP and not self._may_speak(data, now):
            self.drop("too many sources")
        elif not self._packets.take(now):
            self.drop("too many packets")
        else:
            self.passed[kind] += 1
            return True
        return False

    def _may_speak(self, data: bytes, now: float) -> bool:
        if source_of(data) in self._sources:
            return True
        return self._sources_ever < MOST_SOURCES and self._fresh.has(now)
