"""The packet buffer of the jitter buffer: RTP packets in, packets in order out. Bounded, never raises.

It handles duplicates, wraparound, RED and changes of source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from common.bus.voice.opus import has_fec, packet_samples
from workers.media.receive.buffer.red import unpack_red
from workers.media.receive.buffer.rtp import MAX_JUMP, Format, Rtp
from workers.media.receive.buffer.rtp_clock import RtpClock

MAX_PACKETS = 200
"""Packets queued at most: 8 s of 40 ms ones. The oldest are dropped first."""
MAX_COPIES = 4
"""The latest copies of a RED packet that are used. An honest sender has one or two."""
MAX_COPY_AGE = 11_520
"""Greatest age of a copy before its packet, in samples at 48 kHz (240 ms). An honest copy is one or two packets old.
An older one, e.g. from before a pause, would be played in the wrong place."""
_SEQUENCES_KEPT = 1024
"""Sequence numbers kept to distinguish duplicates from late packets: 40 s of packets of 40 ms."""
_SWITCH_PACKETS = 3
"""Packets in a row outside the stream that start another one. A single one is a stray."""
_SILENT_STREAM_NS = 200_000_000
"""A stream that was silent for this time is replaced at the first packet of another one."""


@dataclass(frozen=True, slots=True)
class BufferedPacket:
    """One packet's sound on the stream's timeline."""

    sequence: int
    """Unwrapped."""
    position: int
    """Position of the first sample, at 48 kHz, counted from the stream's first packet."""
    samples: int
    """Duration at 48 kHz. 0 if it has no sound (comfort noise, events, malformed)."""
    payload: bytes
    arrived_ns: int
    redundant: bool = False
    """Whether it is a RED copy from a later packet."""
    fec: bool = False
    """Whether it has a FEC copy of its predecessor."""
    noise: bytes = b""
    """RFC 3389 payload of comfort noise that starts here."""


class _Stream:
    """The state of one run of sequence numbers of one source."""

    def __init__(self, ssrc: int, sequence: int) -> None:
        self.ssrc = ssrc
        self.clock = RtpClock()
        self.queued: dict[int, BufferedPacket] = {}
        self.seen: dict[int, None] = {}
        self.lowest = sequence
        self.highest = sequence
        self.arrived_ns = 0
        self.taken = sequence - 1 - MAX_JUMP
        """Packets up to here are played or dropped."""
        self.played: int | None = None
        """End position of the sound taken so far."""

    def fits(self, packet: Rtp) -> bool:
        """Return whether `packet` can be of this stream, with the same source and no jump of the sequence numbers."""
        return packet.ssrc == self.ssrc and abs(self.unwrap(packet.sequence) - self.highest) <= MAX_JUMP

    def unwrap(self, sequence: int) -> int:
        return self.highest + ((sequence - self.highest + (1 << 15)) % (1 << 16)) - (1 << 15)

    def record(self, sequence: int) -> None:
        self.seen[sequence] = None
        self.lowest, self.highest = min(self.lowest, sequence), max(self.highest, sequence)
        while len(self.seen) > _SEQUENCES_KEPT:
            del self.seen[next(iter(self.seen))]

    def insert(self, buffered: BufferedPacket) -> bool:
        """Insert `buffered`. A real packet replaces its redundant copy. Return False if it is too late."""
        if buffered.sequence <= self.taken:
            return False
        known = self.queued.get(buffered.sequence)
        if known is None or (known.redundant and not buffered.redundant):
            self.queued[buffered.sequence] = buffered
        return True


class PacketBuffer:
    """One talker's queued packets, in order."""

    def __init__(self) -> None:
        self.formats: Mapping[int, Format] = {}
        """Payload type → format. Packets of unknown types are only counted as received."""
        self.received = 0
        """Packets received, without duplicates."""
        self.duplicates = 0
        self.late = 0
        self.malformed = 0
        self.dropped = 0
        """Packets dropped because too many were queued."""
        self.streams = 0
        """Number of streams, by another source or a jump of the sequence numbers."""
        self._stream: _Stream | None = None
        self._candidates: list[tuple[Rtp, int]] = []
        self._expected_before = 0

    def use_formats(self, formats: Mapping[int, Format]) -> None:
        self.formats = formats

    # --- in --------------------------------------------------------------------------------------

    def put(self, packet: Rtp, arrived_ns: int) -> list[BufferedPacket]:
        """Insert a packet, and return what is new: itself and missing copies, or none for a duplicate or stray.

        A packet too late to be played is counted, and still returned, because it shows the delay.
        """
        stream = self._stream
        if stream is not None and stream.fits(packet):
            self._candidates.clear()
            return self._accept(stream, packet, arrived_ns)
        if self.formats.get(packet.payload_type, "other") == "other":
            return []
        if self._candidates and not self._candidates[-1][0].follows(packet):
            self._candidates.clear()
        self._candidates.append((packet, arrived_ns))
        is_active = stream is not None and arrived_ns - stream.arrived_ns < _SILENT_STREAM_NS
        if is_active and len(self._candidates) < _SWITCH_PACKETS:
            return []
        return self._change_stream()

    def _change_stream(self) -> list[BufferedPacket]:
        """Switch to the candidates' stream."""
        if self._stream is not None:
            self._expected_before += self._stream.highest - self._stream.lowest + 1
        first = self._candidates[0][0]
        stream = self._stream = _Stream(first.ssrc, first.sequence)
        self.streams += 1
        candidates, self._candidates = self._candidates, []
        return [buffered for packet, arrived_ns in candidates for buffered in self._accept(stream, packet, arrived_ns)]

    def _accept(self, stream: _Stream, packet: Rtp, arrived_ns: int) -> list[BufferedPacket]:
        stream.arrived_ns = arrived_ns
        sequence = stream.unwrap(packet.sequence)
        if sequence in stream.seen:
            self.duplicates += 1
            return []
        stream.record(sequence)
        self.received += 1
        blocks = list(self._blocks(packet))
        payload = blocks[-1][2] if blocks else b""
        samples = packet_samples(payload)
        if payload and not samples:
            self.malformed += 1
            payload = b""
        position = stream.clock.place(sequence, packet.timestamp, samples)
        copies = [
            copy
            for back, offset, copied in blocks[:-1]
            if (copy := self._copy(stream, sequence - back, position, packet.timestamp - offset, copied, arrived_ns))
        ]
        noise = packet.payload if self.formats.get(packet.payload_type) == "cn" else b""
        buffered = BufferedPacket(sequence, position, samples, payload, arrived_ns, fec=has_fec(payload), noise=noise)
        if not stream.insert(buffered):
            self.late += 1
        for copy in copies:
            stream.insert(copy)
        self._bound(stream)
        return [buffered, *copies]

    def _copy(  # noqa: PLR0913, PLR0917  # one block of RED
        self, stream: _Stream, sequence: int, before: int, timestamp: int, payload: bytes, arrived_ns: int
    ) -> BufferedPacket | None:
        """Return a copy from the packet at position `before`, or None if it is known or too old to play."""
        samples = packet_samples(payload)
        if not samples or sequence in stream.seen:
            return None
        position = stream.clock.position(timestamp)
        known = stream.played is not None and position + samples <= stream.played
        if known or not 0 < before - position <= MAX_COPY_AGE:
            return None
        return BufferedPacket(sequence, position, samples, payload, arrived_ns, redundant=True, fec=has_fec(payload))

    def _blocks(self, packet: Rtp) -> Iterator[tuple[int, int, bytes]]:
        """Yield (packets back, timestamp offset, Opus payload), the packet's own sound last. Nothing if silent."""
        kind = self.formats.get(packet.payload_type, "other")
        if kind == "opus":
            yield 0, 0, packet.payload
        elif kind == "red":
            try:
                blocks = unpack_red(packet.payload)
            except ValueError:
                self.malformed += 1
                return
            blocks = blocks[-MAX_COPIES - 1 :]
            for index, (payload_type, offset, payload) in enumerate(blocks):
                last = index == len(blocks) - 1
                if self.formats.get(payload_type) == "opus" and (payload or last):
                    yield len(blocks) - 1 - index, offset, payload
                elif last:
                    yield 0, 0, b""

    def _bound(self, stream: _Stream) -> None:
        while len(stream.queued) > MAX_PACKETS:
            oldest = min(stream.queued)
            del stream.queued[oldest]
            stream.taken = max(stream.taken, oldest)
            self.dropped += 1

    # --- out -------------------------------------------------------------------------------------

    def first(self) -> BufferedPacket | None:
        """Return the earliest queued packet, without taking it."""
        queued = self._stream.queued if self._stream else None
        return queued[min(queued)] if queued else None

    def take(self, sequence: int) -> BufferedPacket | None:
        """Remove and return packet `sequence`. It and all earlier ones count as taken."""
        stream = self._stream
        if stream is None:
            return None
        buffered = stream.queued.pop(sequence, None)
        stream.taken = max(stream.taken, sequence)
        if buffered is not None and buffered.samples:
            stream.played = buffered.position + buffered.samples
        for passed in [number for number in stream.queued if number <= sequence]:
            del stream.queued[passed]
        return buffered

    def waiting(self) -> int:
        """Return the number of queued samples (48 kHz), without gaps."""
        return sum(buffered.samples for buffered in self._stream.queued.values()) if self._stream else 0

    @property
    def certain_rate(self) -> int:
        """The rate of the stream's timestamps, or 0 until it is certain."""
        return self._stream.clock.rate if self._stream and self._stream.clock.certain else 0

    @property
    def clock_rate(self) -> int:
        return self._stream.clock.rate if self._stream else 0

    @property
    def lost(self) -> int:
        """Packets not received so far."""
        expected = self._expected_before
        if self._stream is not None:
            expected += self._stream.highest - self._stream.lowest + 1
        return max(0, expected - self.received)
