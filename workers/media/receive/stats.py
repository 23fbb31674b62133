"""What happened to one talker's packets and frames, in figures."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Stats:
    """Counters since the connection began, and means of the last seconds."""

    frames: int = 0
    """10 ms frames played while the talker was sending."""
    concealed: int = 0
    """Of them, with made-up sound in them."""
    recovered: int = 0
    """Of them, from in-band FEC or a redundant copy."""
    spoken: int = 0
    """Of them, while the talker spoke."""
    undecodable: int = 0
    jitter_ns: float = 0.0
    """Interarrival jitter (RFC 3550 section 6.4.1)."""
    _transit_ns: int | None = None
    _delays_ns: deque[int] = field(default_factory=lambda: deque(maxlen=100))

    def note_arrival(self, transit_ns: int) -> None:
        if self._transit_ns is not None:
            step = abs(transit_ns - self._transit_ns)
            if step < 1_000_000_000:  # beyond that it is another time line
                self.jitter_ns += (step - self.jitter_ns) / 16
        self._transit_ns = transit_ns

    def note_played(self, delay_ns: int) -> None:
        """Take how long a packet was held, arrival → its first frame."""
        self._delays_ns.append(delay_ns)

    def note_frame(self, *, concealed: bool, recovered: bool, speaking: bool) -> None:
        self.frames += 1
        self.concealed += concealed
        self.recovered += recovered
        self.spoken += speaking

    def forgive(self, frames: int) -> None:
        """Take back `frames` concealed ones: the sender had paused, nothing was missing."""
        self.concealed = max(0, self.concealed - frames)

    @property
    def delay_ns(self) -> float:
        """Mean hold of the last 100 packets."""
        return sum(self._delays_ns) / len(self._delays_ns) if self._delays_ns else 0.0
