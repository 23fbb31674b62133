"""The clock of a stream's RTP timestamps, inferred from the stream."""

from __future__ import annotations

from common.messages import SAMPLE_RATE


class RtpClock:
    """Turns RTP timestamps into 48 kHz positions. The rate is inferred, because Sony's SDP names 16000 [open].

    Two packets in a row show it: their timestamps differ by the first one's duration, which is in the Opus TOC.
    """

    RATES = (SAMPLE_RATE, 16_000, 24_000, 12_000, 8_000)

    def __init__(self) -> None:
        self.rate = SAMPLE_RATE
        self._certain = 0
        self._contradictions = 0
        self._last: tuple[int, int, int] | None = None  # sequence, unwrapped timestamp, samples
        self._origin = (0, 0)  # unwrapped timestamp, position

    @property
    def certain(self) -> bool:
        """Whether enough packets agreed with the rate."""
        return self._certain >= 3

    def place(self, sequence: int, timestamp: int, samples: int) -> int:
        """Return the position of a packet and learn from it."""
        if self._last is None:
            self._origin = (timestamp, 0)
            self._last = (sequence, timestamp, samples)
            return 0
        unwrapped = self._unwrap(timestamp)
        self._infer(sequence, unwrapped, samples)
        if samples:
            self._last = (sequence, unwrapped, samples)
        return self._position(unwrapped)

    def position(self, timestamp: int) -> int:
        """Return the position of a timestamp without learning from it."""
        return 0 if self._last is None else self._position(self._unwrap(timestamp))

    def _position(self, unwrapped: int) -> int:
        return self._origin[1] + (unwrapped - self._origin[0]) * SAMPLE_RATE // self.rate

    def _unwrap(self, timestamp: int) -> int:
        last = self._last[1] if self._last else timestamp
        return last + ((timestamp - last + (1 << 31)) % (1 << 32)) - (1 << 31)

    def _infer(self, sequence: int, unwrapped: int, samples: int) -> None:
        last = self._last
        if last is None or sequence - last[0] not in (1, -1) or not samples:
            return
        step = (unwrapped - last[1]) * (sequence - last[0])
        duration = last[2] if sequence > last[0] else samples
        rate = next((rate for rate in self.RATES if step * SAMPLE_RATE == duration * rate), 0)
        if rate == self.rate:
            self._certain, self._contradictions = min(self._certain + 1, 3), 0
        elif rate:
            self._contradictions += 1
            if self._contradictions > self._certain:  # a pause can look like another rate once, but not repeatedly
                self._origin = (last[1], self._position(last[1]))
                self.rate, self._certain, self._contradictions = rate, 1, 0
