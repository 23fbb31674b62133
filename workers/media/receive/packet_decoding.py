"""Packets to sound, in order: one at a time, or joined where short ones leave no room for a cut. No clock."""

from __future__ import annotations

import numpy as np

from common.bus.voice.opus import Decoder, Samples
from workers.media.receive.buffer.decide import SLACK
from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.packet_buffer import BufferedPacket, PacketBuffer
from workers.media.receive.buffer.time_units import nanoseconds
from workers.media.receive.receive_stats import ReceiveStats
from workers.media.receive.voice.background import Background

_JOINED = 1920
"""Sound that is looked at together when the delay is to become shorter, the length of a packet of 40 ms."""


class PacketDecoding:
    """Decodes one talker's packets, and counts them."""

    def __init__(
        self, decoder: Decoder, buffer: PacketBuffer, delay: DelayEstimator, stats: ReceiveStats, background: Background
    ) -> None:
        self.last_sequence = 0
        """Sequence number of the last packet that was played or passed."""
        self.packet_samples = 1920
        """Duration of the last played packet. 40 ms is what Sony's apps send."""
        self._decoder, self._buffer, self._delay = decoder, buffer, delay
        self._stats, self._background = stats, background

    def decode(self, packet: BufferedPacket, played_ns: int) -> tuple[Samples, bool]:
        """Take a packet out of the buffer. Return its sound, and whether it had to be concealed.

        `played_ns` is when its first sample is handed out.
        """
        self._buffer.take(packet.sequence)
        played = self._decoder.decode(packet.payload)
        made = played is None
        if played is None:
            self._stats.record_undecodable()
            played = self._decoder.conceal(packet.samples)
        self._stats.record_played(played_ns - packet.arrived_ns, self._delay.target_ns, redundant=packet.redundant)
        self.last_sequence = packet.sequence
        self.packet_samples = len(played)
        self._background.record_packet(packet.payload)
        return played, made

    def begin_after(self, sequence: int) -> None:
        """Let playout go on with what follows packet `sequence`."""
        self.last_sequence = sequence

    def pass_over(self, sequence: int) -> None:
        """Give up packet `sequence`, and all before it."""
        self.last_sequence = sequence
        self._buffer.take(sequence)

    def join(self, played: Samples, position: int, played_ns: int) -> Samples:
        """Return `played`, which begins at `position`, with the packets that follow it as far as they wait."""
        while len(played) < _JOINED:
            packet = self._buffer.first()
            if packet is None or packet.sequence != self.last_sequence + 1 or packet.redundant or not packet.samples:
                break
            if abs(packet.position - position - len(played)) > SLACK:
                break
            more, _ = self.decode(packet, played_ns + nanoseconds(len(played)))
            played = np.concatenate((played, more))
        return played
