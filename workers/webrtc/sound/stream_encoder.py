"""Opus for the listeners: one encoder a stream, however many they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from av import AudioFrame, CodecContext
from av.packet import Packet

from common.messages import FRAME_MS, SAMPLE_RATE
from workers.webrtc.sound.rtp_timeline import FRAMES, PacketSound

BITRATES = {1: 80_000, 2: 128_000}
"""Bits a second by the number of channels. At 128 kbit/s two channels have the whole band beside FEC, and speech gains
nothing above (`benchmarks.machines.opus`)."""
LOSS_PERCENT = 5
"""The loss that libopus prepares for. 1 to 10 % gave the same FEC and the same quality."""
_TIME_BASE = Fraction(1, SAMPLE_RATE)


class StreamEncoder:
    """An encoder for `channels`, 1 or 2."""

    def __init__(self, channels: int) -> None:
        self._layout = "mono" if channels == 1 else "stereo"
        self._codec = CodecContext.create("libopus", "w")
        self._codec.sample_rate, self._codec.layout, self._codec.format = SAMPLE_RATE, self._layout, "s16"
        self._codec.bit_rate, self._codec.time_base = BITRATES[channels], _TIME_BASE
        self._codec.options = {
            "application": "voip",
            "frame_duration": str(FRAMES * FRAME_MS),
            "fec": "1",
            "packet_loss": str(LOSS_PERCENT),
        }
        self._times: list[int] = []
        """Times of the blocks that went in and have not come out."""

    def encode(self, block: PacketSound) -> list[Packet[Any]]:
        """Return the packets that are ready, usually one. Their times are those of the blocks."""
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(block.sound).reshape(1, -1), format="s16", layout=self._layout
        )
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, _TIME_BASE, None
        self._times.append(block.pts)
        made = []
        for packet in self._codec.encode(frame):
            packet.pts, packet.time_base = self._times.pop(0), _TIME_BASE
            made.append(packet)
        return made
