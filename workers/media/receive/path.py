"""The receive path of one talker: packets in as they arrive, 10 ms frames out as they are due.

No I/O and no clock. The caller passes monotonic nanoseconds, and the same input gives the same samples. `Arrivals`
orders the packets and learns the playout delay. `Rendering` turns them into sound, ahead of the frames that are due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.basic.values import Latency
from common.bus.voice import conceal
from common.bus.voice.opus import Decoder, Samples
from common.messages import FRAME_SAMPLES
from workers.media.receive.arrivals import Arrivals
from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.buffer.packet_buffer import PacketBuffer
from workers.media.receive.buffer.rtp import Format, Rtp
from workers.media.receive.buffer.time_units import MS
from workers.media.receive.receive_stats import ReceiveStats, SoundFigures
from workers.media.receive.rendering import Rendering
from workers.media.receive.voice_activity import VoiceActivity


@dataclass(frozen=True, slots=True)
class VoiceFrame:
    """10 ms of one talker, see `common.messages.AudioFrame`."""

    samples: Samples | None
    """None for digital silence."""
    concealed: bool = False
    sounding: bool = False
    arrived_ns: int = 0


class ReceiveFigures(SoundFigures):
    """The `common.messages.PeerState` fields of a receive path."""

    packets: int
    lost: int
    late: int
    duplicates: int
    malformed: int
    loss_fraction: float
    target_delay_ms: float
    removed_samples_for_acceleration: int
    inserted_samples_for_deceleration: int


class ReceivePath:
    """The receive path of one talker. `put` and `pull` never raise on network input."""

    def __init__(
        self, decoder: Decoder, *, min_delay_ms: int = 0, max_delay_ms: int | None = None, latency: Latency = "balanced"
    ) -> None:
        """`max_delay_ms` None means the one of `latency`."""
        plan = PLANS[latency]
        self.buffer = PacketBuffer()
        longest_ms = max_delay_ms or plan.longest_ms
        self.delay = DelayEstimator(plan, min_ns=min_delay_ms * MS, max_ns=longest_ms * MS)
        self.stats = ReceiveStats()
        self.activity = VoiceActivity()
        self._arrivals = Arrivals(self.buffer, self.delay, self.stats)
        late_ms = max(min(plan.late_ms, longest_ms), min_delay_ms)
        self.rendering = Rendering(decoder, self.buffer, self.delay, self.stats, late_ms * MS)
        self._queue = self.rendering.queue

    def use_formats(self, formats: Mapping[int, Format]) -> None:
        """Use these payload formats, those of the played connection. Later changes of the mapping apply too."""
        self.buffer.use_formats(formats)

    @property
    def malformed(self) -> int:
        """Packets that could not be used."""
        return self.buffer.malformed + self.stats.undecodable

    def put(self, packet: Rtp, arrived_ns: int) -> None:
        """Take a packet that arrived at `arrived_ns`."""
        if self._arrivals.put(packet, arrived_ns):
            self.rendering.restart()

    def pull(self, now_ns: int) -> VoiceFrame:
        """Return the frame that is due at `now_ns`. Call it every 10 ms."""
        queue = self._queue
        while queue.ready < FRAME_SAMPLES and self.rendering.fill(now_ns):
            pass
        if not queue.ready:
            return self._background()
        cut = queue.take()
        level = conceal.level_db(cut.samples)
        speaking = self.activity.update(level, self.rendering.time_scaler.floor.quiet_db)
        self.stats.record_frame(cut, speaking=speaking)
        silent = level <= conceal.SILENCE_DB
        return VoiceFrame(None if silent else cut.samples, cut.made > 0, speaking, cut.arrived_ns)

    def _background(self) -> VoiceFrame:
        self.stats.record_silence()
        noise = self.rendering.background.next()
        level = conceal.SILENCE_DB if noise is None else conceal.level_db(noise)
        return VoiceFrame(noise, sounding=self.activity.update(level, self.rendering.time_scaler.floor.quiet_db))

    def figures(self) -> ReceiveFigures:
        buffer, time_scaler = self.buffer, self.rendering.time_scaler
        return {
            **self.stats.figures(),
            "packets": buffer.received,
            "lost": buffer.lost,
            "late": buffer.late,
            "duplicates": buffer.duplicates,
            "malformed": self.malformed,
            "loss_fraction": round(buffer.lost / max(1, buffer.received + buffer.lost), 4),
            "target_delay_ms": round(self.delay.target_ns / MS, 2),
            "removed_samples_for_acceleration": time_scaler.removed,
            "inserted_samples_for_deceleration": time_scaler.inserted,
        }
