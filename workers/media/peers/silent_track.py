"""The sent track: Opus silence with DTX, so that the others' connections come up in both directions."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from av import AudioFrame, CodecContext
from av.packet import Packet

from common.messages import SAMPLE_RATE

PACKET_MS = 40
_SENDER_RATE = 16_000
_FIRST_PACKETS = 5
"""Packets in a row at the beginning, as a talker would send them."""
_DTX_MS = 400
"""Then one packet every 400 ms, like libopus in DTX."""
_TIME_BASE = Fraction(1, SAMPLE_RATE)


def silent_packet() -> bytes:
    """Return one Opus packet of 40 ms of silence, 16 kHz mono, as the encoder makes it."""
    codec = CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = _SENDER_RATE, "mono", "s16"
    codec.bit_rate, codec.time_base = 16_000, Fraction(1, _SENDER_RATE)
    codec.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    samples = _SENDER_RATE * PACKET_MS // 1000
    packets: list[Packet[Any]] = []
    while not packets:
        frame = AudioFrame(format="s16", layout="mono", samples=samples)
        frame.sample_rate, frame.pts, frame.time_base = _SENDER_RATE, None, Fraction(1, _SENDER_RATE)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        packets = codec.encode(frame)
    return bytes(packets[0])


class SilentTrack(MediaStreamTrack):
    """An audio track of encoded silence. Its timestamps follow the clock."""

    kind = "audio"

    def __init__(self, payload: bytes) -> None:
        super().__init__()
        self._payload = payload
        self._count = 0
        self._began = 0.0

    async def recv(self) -> Packet[Any]:
        """Return the next packet when it is due."""
        if not self._count:
            self._began = time.monotonic()
        at_ms = self._due_ms(self._count)
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + at_ms / 1000 - time.monotonic()))
        packet = Packet(self._payload)
        packet.pts, packet.time_base = at_ms * 48, _TIME_BASE
        return packet

    @staticmethod
    def _due_ms(number: int) -> int:
        if number < _FIRST_PACKETS:
            return number * PACKET_MS
        return (_FIRST_PACKETS - 1) * PACKET_MS + (number - _FIRST_PACKETS + 1) * _DTX_MS
