"""The sound of one talker, made of the buffered packets. No I/O, no clock.

`decide` chooses the step, `conceal` covers what is missing, and `time_scaling` brings the delay to its target.
"""

from __future__ import annotations

from common.bus.voice import conceal
from common.bus.voice.conceal import Concealer
from common.bus.voice.opus import MAX_SAMPLES, Decoder, Samples
from common.messages import FRAME_SAMPLES
from workers.media.receive.buffer.decide import SLACK, PlayoutState, PlayoutStep, decide
from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.packet_buffer import BufferedPacket, PacketBuffer
from workers.media.receive.buffer.playout_timing import PlayoutTiming
from workers.media.receive.buffer.time_units import nanoseconds, samples
from workers.media.receive.packet_decoding import PacketDecoding
from workers.media.receive.receive_stats import ReceiveStats
from workers.media.receive.voice.background import Background
from workers.media.receive.voice.playout_queue import PlayoutQueue, Segment
from workers.media.receive.voice.time_scaling import TimeScaler

_SHORT_HOLE = 5760
"""After a hole of up to 120 ms the sound resumes where it should be by now. After a longer one every word is played."""


class Rendering:
    """Fills `queue` with a talker's sound, one step at a time."""

    def __init__(
        self, decoder: Decoder, buffer: PacketBuffer, delay: DelayEstimator, stats: ReceiveStats, late_ns: int
    ) -> None:
        """`late_ns`: see `LatencyPlan.late_ms`."""
        self.queue = PlayoutQueue()
        self.background = Background(decoder)
        self.time_scaler = TimeScaler()
        self._decoder, self._buffer, self._delay, self._stats = decoder, buffer, delay, stats
        self._timing = PlayoutTiming(buffer, delay, late_ns)
        self._concealer = Concealer(decoder)
        self._packets = PacketDecoding(decoder, buffer, delay, stats, self.background)
        self._resting = True
        """Whether nothing is played until the next packet is due."""
        self._position = 0
        """Position of the next sample to play."""
        self._concealed_samples = 0
        """Samples concealed beyond `_position` while waiting."""
        self._tail_level_db = conceal.SILENCE_DB
        """Level of the last 10 ms."""

    def restart(self) -> None:
        """Switch to another source. What is decoded is still played."""
        self._decoder.reset()
        self._concealer.forget()
        self.background.clear()
        self._concealed_samples = 0
        self._resting = True

    def fill(self, now_ns: int) -> bool:
        """Prepare more sound. Return False if none is available now."""
        if self._resting and not self._wake(now_ns):
            return False
        packet = self._buffer.first()
        state = PlayoutState(
            next=packet,
            last_sequence=self._packets.last_sequence,
            position=self._position,
            concealed_samples=self._concealed_samples,
            fec=packet is not None and packet.fec,
        )
        step = decide(state)
        if step is PlayoutStep.EXPAND and (packet is not None or not self.background.sounds):
            self._expand()
        elif step in (PlayoutStep.REST, PlayoutStep.EXPAND) or packet is None:
            return self._rest()
        elif step is PlayoutStep.SKIP:
            self._skip(packet)
        elif step is PlayoutStep.PASS:
            self._pass(state, packet)
        elif step is PlayoutStep.PLAY:
            self._play(packet, now_ns)
        else:
            self._recover(packet, now_ns)
        return True

    # --- the steps -------------------------------------------------------------------------------

    def _wake(self, now_ns: int) -> bool:
        """Begin playout if the first packet is due."""
        packet = self._buffer.first()
        while packet is not None and (not packet.samples or self._timing.is_stale(packet, now_ns)):
            self._skip(packet)
            packet = self._buffer.first()
        if packet is None:
            return False
        begin, last_sequence = self._timing.begin(packet, self._position, self._packets.last_sequence, now_ns)
        if not self._timing.is_due(begin, now_ns):
            return False
        if packet.sequence == self._packets.last_sequence + 1 and packet.position - self._position > SLACK:
            self._stats.undo_gap()  # the sender had paused, so nothing was missing
            self._concealer.undo()
        self._resting = False
        self._position = begin
        self._packets.begin_after(last_sequence)
        return True

    def _skip(self, packet: BufferedPacket) -> None:
        """Pass over a packet that has no sound, or whose sound is not worth playing any more."""
        if packet.sequence == self._packets.last_sequence + 1 or not self._resting:
            self._packets.begin_after(packet.sequence)
        self._buffer.take(packet.sequence)
        if packet.noise:
            self.background.start_comfort(packet.noise)

    def _play(self, packet: BufferedPacket, now_ns: int) -> None:
        surplus = self._timing.surplus(packet.position, self.queue.ready, now_ns)
        seam = self._concealer.settle(packet.position)
        self._position = packet.position
        ready_ns = now_ns + nanoseconds(self.queue.ready)
        played, made = self._packets.decode(packet, ready_ns)
        segment = Segment(played, packet.arrived_ns, made=made, recovered=packet.redundant)
        is_scaled = surplus > 0 or (surplus < 0 and self._delay.is_held)  # a held delay has no late packet to rise by
        if is_scaled and not (made or packet.redundant):
            segment.samples = self._packets.join(played, packet.position, ready_ns)
        self._append(segment, seam, surplus)

    def _recover(self, packet: BufferedPacket, now_ns: int) -> None:
        gap = packet.position - self._position
        wanted = packet.samples if abs(gap - packet.samples) <= conceal.GRAIN else gap
        wanted = min(max(wanted // conceal.GRAIN * conceal.GRAIN, conceal.GRAIN), MAX_SAMPLES)
        surplus = self._timing.surplus(self._position, self.queue.ready, now_ns)
        seam = self._concealer.settle(self._position)
        found = self._decoder.recover(packet.payload, wanted)
        made = found is None
        if found is None:
            found = self._decoder.conceal(wanted)
        if not made:
            self._stats.record_fec()
        self._packets.pass_over(packet.sequence - 1)
        self._append(Segment(found, packet.arrived_ns, made=made, recovered=not made), seam, surplus)

    def _pass(self, state: PlayoutState, packet: BufferedPacket) -> None:
        """Give up the lost packets that concealment has covered."""
        passed = state.beyond_help
        self._position += passed
        self._concealed_samples = max(0, self._concealed_samples - passed)
        self._packets.pass_over(packet.sequence - 1 - state.fec)

    def _expand(self) -> None:
        made = self._concealer.make(self._position, self._packets.packet_samples)
        is_gap = self._tail_level_db >= conceal.QUIET_DB  # a longer pause is not a gap
        self.queue.append(Segment(made, made=is_gap))
        self._concealed_samples += FRAME_SAMPLES

    def _rest(self) -> bool:
        """Go silent until the next packet is due. A loud tail is faded out first, which returns True."""
        fading = self._tail_level_db >= conceal.QUIET_DB and not self._concealer.run
        if fading:
            self.queue.append(Segment(conceal.release(self._decoder.conceal(FRAME_SAMPLES))))
        self._concealer.pause()
        self._concealed_samples = 0
        self._tail_level_db = conceal.SILENCE_DB
        self._resting = True
        return fading

    def _append(self, segment: Segment, seam: Samples | None, surplus: int) -> None:
        """Append real sound. A late beginning is cut, otherwise a time stretch brings the delay to its target."""
        real = segment.samples
        self._position += len(real)
        self._tail_level_db = conceal.level_db(real[-FRAME_SAMPLES:])
        if self._concealed_samples:
            skip = min(max(surplus, 0), self._concealed_samples, len(real))
            if self._concealed_samples > _SHORT_HOLE and surplus < samples(self._timing.late_ns):
                skip = 0
            real = real[skip:]
            self._concealed_samples = 0
        else:
            real = self.time_scaler.adjust(real, surplus, urgent=self._timing.exceeds_max(surplus))
        noise = self.background.end_comfort(crossfade=seam is None)
        seam = noise if seam is None else seam
        segment.samples = real if seam is None else conceal.merge(seam, real)
        self.queue.append(segment)
