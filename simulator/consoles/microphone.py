"""A console's microphone: voice files in, Opus packets out, with one encoder for all connections."""

from __future__ import annotations

import fractions
from collections.abc import Callable
from typing import Any, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from simulator.consoles import voices
from simulator.facts import rests_on
from simulator.facts.consoles import OPUS, RTP_CLOCK

CLOCK = 48_000
"""RTP ticks per second. Opus counts 48 kHz at any sample rate [RFC 7587]. Sony's clock is [open]."""
_TIME_BASE = fractions.Fraction(1, 48_000)
_BIT_RATE = 24_000
_SILENCE = np.zeros(voices.PACKET_SAMPLES, np.int16)


EncodedPacket: TypeAlias = "av.Packet[Any]"


class Microphone:
    """Speaks the given samples, silence otherwise. `packet` is called every 40 ms."""

    @rests_on(OPUS)
    def __init__(self, clock: Callable[[], int] = lambda: CLOCK) -> None:
        """`clock` returns the current rate of timestamps, in hertz."""
        encoder = av.CodecContext.create("libopus", "w")
        assert isinstance(encoder, av.AudioCodecContext)
        encoder.sample_rate = voices.RATE
        encoder.layout = "mono"
        encoder.format = "s16"
        encoder.bit_rate = _BIT_RATE
        encoder.options = {"application": "voip", "frame_duration": "40", "fec": "1", "packet_loss": "10"}
        encoder.time_base = fractions.Fraction(1, voices.RATE)
        encoder.open()
        self._encoder = encoder
        self._speech: NDArray[np.int16] = _SILENCE[:0]
        self._samples = 0
        self._clock = clock
        self._timestamp = 0
        self.samples: NDArray[np.int16] = _SILENCE
        """Samples of the latest packet."""
        self.quiet_packets = 0
        """Packets of silence since the last speech."""

    @property
    def speaking(self) -> bool:
        return len(self._speech) > 0

    def speak(self, samples: NDArray[np.int16]) -> None:
        """Speak `samples` from the next packet on, after the current speech."""
        self._speech = np.concatenate([self._speech, samples])

    def stop(self) -> int:
        """Stop speaking and return the number of unspoken samples."""
        rest, self._speech = len(self._speech), _SILENCE[:0]
        return rest

    def packet(self) -> EncodedPacket:
        """Return the packet of the next 40 ms."""
        self.quiet_packets = 0 if self.speaking else self.quiet_packets + 1
        samples, self._speech = self._speech[: voices.PACKET_SAMPLES], self._speech[voices.PACKET_SAMPLES :]
        if len(samples) < voices.PACKET_SAMPLES:
            samples = np.concatenate([samples, _SILENCE[len(samples) :]])
        self.samples = samples
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = voices.RATE
        frame.pts = self._samples
        self._samples += voices.PACKET_SAMPLES
        (encoded,) = self._encoder.encode(frame)
        packet = av.Packet(bytes(encoded))
        packet.pts = self._timestamp
        packet.time_base = _TIME_BASE  # the sender uses pts in this base as the timestamp, unchanged
        self._go_on()
        return packet

    def skip(self) -> None:
        """Advance 40 ms without a packet, when nobody listens."""
        self._speech = self._speech[voices.PACKET_SAMPLES :]
        self._go_on()

    @rests_on(RTP_CLOCK)
    def _go_on(self) -> None:
        self._timestamp += self._clock() * voices.PACKET_MS // 1000
