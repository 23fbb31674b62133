"""The arrivals of one talker's packets. They go into the buffer, and show the delay of the network. No clock."""

from __future__ import annotations

from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.packet_buffer import PacketBuffer
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.buffer.time_units import nanoseconds
from workers.media.receive.receive_stats import ReceiveStats


class Arrivals:
    def __init__(self, buffer: PacketBuffer, delay: DelayEstimator, stats: ReceiveStats) -> None:
        self._buffer, self._delay, self._stats = buffer, delay, stats

    def put(self, packet: Rtp, arrived_ns: int) -> bool:
        """Take a packet, and return whether it began another stream, with another origin of its positions."""
        buffer = self._buffer
        streams, rate = buffer.streams, buffer.clock_rate
        entries = buffer.put(packet, arrived_ns)
        is_new_stream = buffer.streams != streams
        if is_new_stream or buffer.clock_rate != rate:
            self._delay.restart()
        for entry in entries:
            if entry.samples:
                self._delay.record_arrival(entry)
                if not entry.redundant:
                    self._stats.record_arrival(entry.arrived_ns - nanoseconds(entry.position))
        return is_new_stream
