"""The speech as packets of a console: encoded once by the simulator's encoder, plain and with redundancy."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.speech import speech
from simulator.consoles.microphone import CLOCK, Microphone
from simulator.consoles.voices import PACKET_MS, PACKET_SAMPLES

OPUS = 111
RED = 63
FIRST_SEQUENCE = 1000
FIRST_TIMESTAMP = 160_000

__all__ = ["FIRST_SEQUENCE", "FIRST_TIMESTAMP", "OPUS", "PACKET_MS", "RED", "Packet", "encode", "packets", "redundant"]


@dataclass(frozen=True)
class Packet:
    """Content of one RTP packet. The timestamp counts 48 kHz."""

    sequence: int
    timestamp: int
    payload_type: int
    payload: bytes


@cache
def packets(seconds: float = 70.0, *, red: bool = False) -> tuple[Packet, ...]:
    """Return the packets of `speech(seconds)` as Opus, or as RED with one level of redundancy around the same Opus."""
    plain = encode(speech(seconds).samples)
    return redundant(plain) if red else plain


def encode(samples: NDArray[np.int16]) -> tuple[Packet, ...]:
    """Return 40 ms packets of `samples` (16 kHz mono) at 24 kb/s, with in-band FEC for 10 % loss."""
    microphone = Microphone()
    microphone.speak(samples)
    return tuple(
        Packet(
            FIRST_SEQUENCE + number,
            FIRST_TIMESTAMP + number * CLOCK * PACKET_MS // 1000,
            OPUS,
            bytes(microphone.packet()),
        )
        for number in range(len(samples) // PACKET_SAMPLES)
    )


def redundant(plain: tuple[Packet, ...]) -> tuple[Packet, ...]:
    """Return the packets with their predecessor's payload in front (RFC 2198)."""
    wrapped = []
    before: Packet | None = None
    for packet in plain:
        head, copy = b"", b""
        if before is not None:
            offset = packet.timestamp - before.timestamp
            head = struct.pack(">I", 1 << 31 | before.payload_type << 24 | offset << 10 | len(before.payload))
            copy = before.payload
        payload = head + bytes([packet.payload_type]) + copy + packet.payload
        wrapped.append(Packet(packet.sequence, packet.timestamp, RED, payload))
        before = packet
    return tuple(wrapped)
