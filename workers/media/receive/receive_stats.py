"""Statistics of one talker's packets and samples, with NetEQ's names where it has them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TypedDict

from common.messages import FRAME_MS, FRAME_SAMPLES
from workers.media.receive.voice.playout_queue import PlayoutFrame

INTERRUPTION_SAMPLES = 7200
"""Missing samples that count as an interruption: 150 ms, as in WebRTC's statistics."""


class SoundFigures(TypedDict):
    """The `common.messages.PeerState` fields of `ReceiveStats`."""

    heard_s: float
    jitter_ms: float
    delay_ms: float
    frames: int
    concealed_frames: int
    fec_frames: int
    fec_packets: int
    red_packets: int
    concealed_samples: int
    concealment_events: int
    interruption_count: int
    interruption_ms: int
    jitter_buffer_delay_s: float
    jitter_buffer_target_delay_s: float
    jitter_buffer_emitted_count: int


@dataclass
class ReceiveStats:
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
    _gap_samples: int = 0
    _gap_frames: int = 0

    def record_arrival(self, transit_ns: int) -> None:
        if self._transit_ns is not None:
            step = abs(transit_ns - self._transit_ns)
            if step < 1_000_000_000:  # a larger step is another timeline
                self.jitter_ns += (step - self.jitter_ns) / 16
        self._transit_ns = transit_ns

    def record_played(self, delay_ns: int, target_ns: int, *, redundant: bool) -> None:
        """Record a packet's delay from arrival to its first frame, and the target. `redundant`: it was a copy."""
        self.red_packets += redundant
        self._delays_ns.append(delay_ns)
        self.buffer_delay_ns += delay_ns
        self.target_delay_ns += target_ns
        self.emitted += 1

    def record_frame(self, frame: PlayoutFrame, *, speaking: bool) -> None:
        self.frames += 1
        self.recovered += frame.recovered > 0
        self.spoken += speaking
        if frame.made:
            if not self._gap_samples:
                self.concealment_events += 1
            self._gap_samples += frame.made
            self._gap_frames += 1
            self.concealed += 1
            self.concealed_samples += frame.made
        if frame.made < FRAME_SAMPLES:
            self._end_gap()

    def record_undecodable(self) -> None:
        """Record a packet that libopus could not decode."""
        self.undecodable += 1

    def record_fec(self) -> None:
        """Record a lost packet that was recovered from in-band FEC."""
        self.fec_packets += 1

    def record_silence(self) -> None:
        """Record a frame of silence, which is part of an open gap."""
        if self._gap_samples:
            self._gap_samples += FRAME_SAMPLES

    def _end_gap(self) -> None:
        if self._gap_samples >= INTERRUPTION_SAMPLES:
            self.interruptions += 1
            self.interruption_ms += self._gap_samples // 48
        self._gap_samples = self._gap_frames = 0

    def undo_gap(self) -> None:
        """Undo the open gap, because the sender had paused and nothing was missing."""
        if self._gap_samples:
            self.concealment_events -= 1
            self.concealed -= self._gap_frames
            self.concealed_samples -= min(self._gap_frames * FRAME_SAMPLES, self._gap_samples)
        self._gap_samples = self._gap_frames = 0

    @property
    def delay_ns(self) -> float:
        """Mean delay of the last 100 packets."""
        return sum(self._delays_ns) / len(self._delays_ns) if self._delays_ns else 0.0

    def figures(self) -> SoundFigures:
        return {
            "heard_s": self.spoken * FRAME_MS / 1000,
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
