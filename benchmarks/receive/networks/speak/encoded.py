"""A talk as RTP packets: libopus as consoles and browsers use it, with FEC, DTX and RED."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.receive.network.packets import FIRST_SEQUENCE, FIRST_TIMESTAMP, OPUS, Packet, redundant
from benchmarks.receive.networks.speak.talk import DrawnTalker, talk
from benchmarks.receive.networks.speak.voices import RATE
from benchmarks.receive.play.offline import library

CLOCK = 48_000
_BIT_RATE = 24_000
"""Of the consoles (`simulator.consoles.microphone`)."""
_VOIP = 2048
_SET_DTX = 4016
_CONTROLS = {4002: _BIT_RATE, 4006: 1, 4010: 10, 4012: 1, 4014: 10}
"""Bit rate, VBR, complexity, FEC, expected loss in per cent: requests of opus_defines.h, values of the consoles."""
_LONGEST_PAYLOAD = 4000
_DTX_BYTES = 2
"""A payload up to this long says that nothing follows (RFC 6716, section 2.1.9). The first of a pause is sent."""


@dataclass(frozen=True)
class EncodedTalk:
    """The packets of a talk. `due_ms[i]` is when packet i is sent by the sender's clock, which drifts."""

    packets: tuple[Packet, ...]
    due_ms: tuple[float, ...]
    plain: tuple[bytes, ...]
    """The Opus payload of every packet length of the talk, sent or not."""
    sent: tuple[int, ...]
    """Which of them packet i carries."""
    packet_ms: int

    def sent_ms(self, drift_ppm: float) -> NDArray[np.float64]:
        """Return when each packet is sent by our clock, from the first of the talk on."""
        return np.asarray(self.due_ms, np.float64) / (1 + drift_ppm * 1e-6)

    def sizes(self) -> NDArray[np.float64]:
        return np.array([len(packet.payload) for packet in self.packets], np.float64)


@lru_cache(maxsize=4)
def spoken(one: DrawnTalker, *, red: bool | None = None) -> EncodedTalk:
    """Return the packets of a talker. `red=False` leaves redundancy out, for a receiver that cannot read it."""
    payloads = encode(talk(one).samples, one.packet_ms, dtx=one.dtx)
    packets, numbers = as_packets(payloads, one.packet_ms, red=one.red if red is None else red)
    due = tuple(float(number * one.packet_ms) for number in numbers)
    return EncodedTalk(packets, due, payloads, numbers, one.packet_ms)


def as_packets(payloads: Sequence[bytes], packet_ms: int, *, red: bool) -> tuple[tuple[Packet, ...], tuple[int, ...]]:
    """Return the packets that are sent, and which payload each carries. DTX leaves out most of a pause."""
    numbers = tuple(
        number
        for number, payload in enumerate(payloads)
        if len(payload) > _DTX_BYTES or not number or len(payloads[number - 1]) > _DTX_BYTES
    )
    ticks = CLOCK * packet_ms // 1000
    plain = tuple(
        Packet(FIRST_SEQUENCE + place, FIRST_TIMESTAMP + number * ticks, OPUS, payloads[number])
        for place, number in enumerate(numbers)
    )
    return redundant(plain) if red else plain, numbers


def reference(one: DrawnTalker) -> NDArray[np.int16]:
    """Return what is heard where nothing is lost, at 48 kHz: every packet of the talk decoded."""
    return decoded(spoken(one).plain)


def decoded(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """Return all payloads as sound at 48 kHz."""
    decoder = library().decoder()
    parts = [decoder.decode(payload) for payload in payloads]
    return np.concatenate([part for part in parts if part is not None])


def encode(samples: NDArray[np.int16], packet_ms: int, *, dtx: bool) -> tuple[bytes, ...]:
    """Return the Opus payload of each `packet_ms`. libopus is called itself, since FFmpeg's encoder knows no DTX."""
    lib = library()._lib  # noqa: SLF001  # the library that the receive path has loaded
    lib.opus_encoder_get_size.argtypes = [ctypes.c_int]
    state = ctypes.create_string_buffer(int(lib.opus_encoder_get_size(1)))
    lib.opus_encoder_init.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int, ctypes.c_int]
    lib.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
    lib.opus_encode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int32]
    if lib.opus_encoder_init(state, RATE, 1, _VOIP) != 0:
        raise RuntimeError("libopus refuses to make an encoder")
    for request, value in {**_CONTROLS, _SET_DTX: int(dtx)}.items():
        if lib.opus_encoder_ctl(state, request, ctypes.c_int(value)) != 0:
            raise RuntimeError(f"libopus refuses to set {request} to {value}")
    count = RATE * packet_ms // 1000
    room = ctypes.create_string_buffer(_LONGEST_PAYLOAD)
    made = []
    for first in range(0, len(samples) - count + 1, count):
        piece = np.ascontiguousarray(samples[first : first + count])
        length = lib.opus_encode(state, piece.ctypes.data, count, room, _LONGEST_PAYLOAD)
        if length < 0:
            raise RuntimeError(f"libopus could not encode: {length}")
        made.append(room.raw[:length])
    return tuple(made)
