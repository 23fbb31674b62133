"""Statistics of one talker's packets and samples, with NetEQ's names where it has them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from common.messages import FRAME_SAMPLES
from workers.media.receive.voice.playout_queue import Cut

INTERRUPTION = 7200
"""Missing samples (150 ms) that count as an interruption."""


@dataclass
class Stats:
    """Counters since the start of the connection, and means of the last seconds."""

    frames: int = 0
    """10 ms frames played while the talker was sending."""
    concealed: int = 0
    """Frames with concealed samples."""
    recovered: int = 0
    """Frames from in-band FEC or a redundant copy."""
    spoken: int = 0
    """Frames while the talker spoke."""
    concealed_samples: int = 0
    concealment_events: int = 0
    interruptions: int = 0
    interruption_ms: int = 0
    """Total length of the interruptions."""
    fec_packets: int = 0
    """Lost packets recovered from in-band FEC."""
    red_packets: int = 0
    """Lost packets recovered from a redundant copy."""
    undecodable: int = 0
    buffer_delay_ns: int = 0
    """Sum of the packets' delays from arrival to the first frame."""
    target_delay_ns: int = 0
    """Sum of the target delays, counted from the arrival on an idle network."""
    emitted: int = 0
    """Number of packets in both sums."""
    jitter_ns: float = 0.0
    """Interarrival jitter (RFC 3550 section 6.4.1)."""
    _transit_ns: int | None = None
    _delays_ns: deque[int] = field(default_factory=lambda: deque(maxlen=100))
    _hole: int = 0
    _hole_frames: int = 0

    def note_arrival(self, transit_ns: int) -> None:
        if self._transit_ns is not None:
            step = abs(transit_ns - self._transit_ns)
            if step < 1_000_000_000:  # a larger step is another timeline
                self.jitter_ns += (step - self.jitter_ns) / 16
        self._transit_ns = transit_ns

    def note_played(self, delay_ns: int, target_ns: int) -> None:
        """Record a packet's delay from arrival to its first frame, and the target."""
        self._delays_ns.append(delay_ns)
        self.buffer_delay_ns += delay_ns
        self.target_delay_ns += target_ns
        self.emitted += 1

    def note_frame(self, cut: Cut, *, speaking: bool) -> None:
        self.frames += 1
        self.recovered += cut.recovered > 0
        self.spoken += speaking
        if cut.made:
            if not self._hole:
                self.concealment_events += 1
            self._hole += cut.made
            self._hole_frames += 1
            self.concealed += 1
            self.concealed_samples += cut.made
        if cut.made < FRAME_SAMPLES:
            self._end_hole()

    def note_nothing(self) -> None:
        """Record a frame of silence, which is part of an open gap."""
        if self._hole:
            self._hole += FRAME_SAMPLES

    def _end_hole(self) -> None:
        if self._hole >= INTERRUPTION:
            self.interruptions += 1
            self.interruption_ms += self._hole // 48
        self._hole = self._hole_frames = 0

    def forgive(self) -> None:
        """Undo the open gap, because the sender had paused and nothing was missing."""
        if self._hole:
            self.concealment_events -= 1
            self.concealed -= self._hole_frames
            self.concealed_samples -= min(self._hole_frames * FRAME_SAMPLES, self._hole)
        self._hole = self._hole_frames = 0

    @property
    def delay_ns(self) -> float:
        """Mean delay of the last 100 packets."""
        return sum(self._delays_ns) / len(self._delays_ns) if self._delays_ns else 0.0

    def figures(self) -> dict[str, Any]:
        """Return these figures by the names of `common.messages.PeerState`."""
        return {
            "heard_s": self.spoken / 100,
            "jitter_ms": round(self.jitter_ns / 1e6, 2),
            "delay_ms": round(self.delay_ns / 1e6, 2),
            "frames": self.frames,
            "concealed_frames": self.concealed,
            "fec_frames": self.recovered,
            "fec_packets": self.fec_packets,
            "red_packets": self.red_packets,
            "concealed_samples": self.concealed_samples,
            "concealment_events": self.concealment_events,
            "interruption_count": self.interruptions,
            "interruption_ms": self.interruption_ms,
            "jitter_buffer_delay_s": round(self.buffer_delay_ns / 1e9, 3),
            "jitter_buffer_target_delay_s": round(self.target_delay_ns / 1e9, 3),
            "jitter_buffer_emitted_count": self.emitted,
        }
