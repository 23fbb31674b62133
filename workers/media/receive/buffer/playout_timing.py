"""The time at which a packet is due, by the target delay. No I/O, no clock."""

from __future__ import annotations

from common.messages import FRAME_MS
from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.packet_buffer import BufferedPacket, PacketBuffer
from workers.media.receive.buffer.time_units import MS, nanoseconds, samples

_ROUNDING_NS = MS // 20
"""Rounding of the timestamps."""
_COPY_WORTH_NS = 25 * MS
"""After a pause, the copy of a lost packet is not played if it is later than this."""


class PlayoutTiming:
    def __init__(self, buffer: PacketBuffer, delay: DelayEstimator, late_ns: int) -> None:
        """`late_ns`: see `LatencyPlan.late_ms`."""
        self._buffer, self._delay, self._late_ns = buffer, delay, late_ns

    def waited_ns(self, position: int, now_ns: int) -> int:
        """Return how late the packet at `position` could have arrived to be played now."""
        return 0 if self._delay.fastest_ns is None else now_ns - self._delay.fastest_ns - nanoseconds(position)

    def is_due(self, position: int, now_ns: int) -> bool:
        waited_ns = self.waited_ns(position, now_ns)
        return waited_ns + _ROUNDING_NS >= self._delay.aim(waited_ns)

    def is_stale(self, packet: BufferedPacket, now_ns: int) -> bool:
        """Return whether too much has piled up for `packet` to be worth its delay."""
        waited_ns = self.waited_ns(packet.position, now_ns)
        return waited_ns > self.late_ns + 2 * FRAME_MS * MS and self._buffer.waiting() > packet.samples

    @property
    def late_ns(self) -> int:
        """The delay beyond which words are dropped."""
        return max(self._late_ns, self._delay.target_ns)

    def begin(self, packet: BufferedPacket, position: int, last_sequence: int, now_ns: int) -> tuple[int, int]:
        """Return where to begin when `packet` is the first that waits: (position, sequence number before it).

        That is its lost predecessor if `packet` brings a copy of it in time, because speech often begins there.
        `position` and `last_sequence` are where playout has stopped.
        """
        before = packet.position - packet.samples
        if packet.fec and packet.sequence - last_sequence > 1 and before >= position:
            waited_ns = self.waited_ns(before, now_ns)
            if waited_ns < self._delay.aim(waited_ns) + _COPY_WORTH_NS:
                return before, packet.sequence - 2
        return packet.position, packet.sequence - 1

    def surplus(self, position: int, ready: int, now_ns: int) -> int:
        """Return by how many samples `position` is delayed more than needed if it is played next.

        `ready` is the number of samples that are played before it.
        """
        waited_ns = self.waited_ns(position, now_ns)
        return samples(waited_ns - self._delay.aim(waited_ns)) + ready

    def exceeds_max(self, surplus: int) -> bool:
        """Return whether the delay with this surplus over the target is longer than allowed."""
        return samples(self._delay.target_ns) + surplus > samples(self.late_ns)
