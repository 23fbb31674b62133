"""The receive path of one talker: packets in as they arrive, 10 ms frames out as they are due.

No I/O and no clock. The caller passes monotonic nanoseconds, and the same input gives the same samples. `packets`
orders, `delay` gives the playout delay, `decide` chooses the step, `conceal` covers what is missing, and `pace` brings
the delay to its target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.messages import FRAME_MS, FRAME_SAMPLES
from workers.media.receive.buffer.decide import SLACK, Step, View, decide
from workers.media.receive.buffer.delay import MS, DelayEstimator, Latency, nanoseconds, samples
from workers.media.receive.buffer.packets import Entry, PacketBuffer, Rtp
from workers.media.receive.receive_stats import Stats
from workers.media.receive.voice import conceal
from workers.media.receive.voice.comfort import ComfortNoise
from workers.media.receive.voice.conceal import Concealer
from workers.media.receive.voice.opus import MAX_SAMPLES, Decoder, Samples
from workers.media.receive.voice.playout_queue import Piece, Playout
from workers.media.receive.voice.time_scaling import Pace
from workers.media.receive.voice_activity import Activity

_DTX_BYTES = 2
"""An Opus packet of hardly more than its TOC. Only background noise follows (RFC 6716 section 2.1.9)."""
_HUSH = 100 * FRAME_SAMPLES
_HARDLY_NS = MS // 20
"""Rounding of the timestamps."""
_WORTH_NS = 25 * MS
"""After a pause, the copy of a lost packet is not played if it is later than this."""
_SHORT_HOLE = 5760
"""After a hole of up to 120 ms the sound resumes where it should be by now. After a longer one every word is played."""


@dataclass(frozen=True, slots=True)
class Frame:
    """10 ms of one talker, see `common.messages.AudioFrame`."""

    samples: Samples | None
    """None for digital silence."""
    concealed: bool = False
    sounding: bool = False
    arrived_ns: int = 0


class ReceivePath:
    """The receive path of one talker. `put` and `pull` never raise on network input."""

    def __init__(
        self, decoder: Decoder, *, min_delay_ms: int = 0, max_delay_ms: int = 200, latency: Latency = "balanced"
    ) -> None:
        self.buffer = PacketBuffer()
        self.delay = DelayEstimator(min_ns=min_delay_ms * MS, max_ns=max_delay_ms * MS, latency=latency)
        self.stats = Stats()
        self.activity = Activity()
        self.pace = Pace()
        self._decoder = decoder
        self._concealer = Concealer(decoder)
        self._playout = Playout()
        self._max_ns = max(max_delay_ms, min_delay_ms) * MS
        self._resting = True
        self._noise: ComfortNoise | None = None
        self._head = 0
        self._last = 0
        self._chunk = 1920
        self._hushed = 0
        self._expanded = 0
        self._tail_db = conceal.SILENCE_DB

    # --- in --------------------------------------------------------------------------------------

    def put(self, packet: Rtp, arrived_ns: int) -> None:
        """Take a packet that arrived at `arrived_ns`."""
        streams, rate = self.buffer.streams, self.buffer.clock_rate
        entries = self.buffer.put(packet, arrived_ns)
        if self.buffer.streams != streams:
            self._change_stream()
        if self.buffer.clock_rate != rate:
            self.delay.restart()
        for entry in entries:
            if entry.samples:
                self.delay.note_arrival(entry)
                if not entry.redundant:
                    self.stats.note_arrival(entry.arrived_ns - nanoseconds(entry.position))

    def _change_stream(self) -> None:
        """Switch to another source. What is decoded is still played."""
        self.delay.restart()
        self._decoder.reset()
        self._concealer.forget()
        self._expanded = 0
        self._noise = None
        self._hushed = 0
        self._resting = True

    def figures(self) -> dict[str, Any]:
        """Return the `common.messages.PeerState` fields of this path."""
        return self.stats.figures() | {
            "packets": self.buffer.received,
            "lost": self.buffer.lost,
            "late": self.buffer.late,
            "duplicates": self.buffer.duplicates,
            "loss_fraction": round(self.buffer.lost / max(1, self.buffer.received + self.buffer.lost), 4),
            "target_delay_ms": round(self.delay.target_ns / MS, 2),
            "removed_samples_for_acceleration": self.pace.removed,
            "inserted_samples_for_deceleration": self.pace.inserted,
        }

    # --- out -------------------------------------------------------------------------------------

    def pull(self, now_ns: int) -> Frame:
        """Return the frame that is due at `now_ns`. Call it every 10 ms."""
        while self._playout.ready < FRAME_SAMPLES and self._fill(now_ns):
            pass
        if not self._playout.ready:
            return self._silence()
        cut = self._playout.take()
        level = conceal.level_db(cut.samples)
        speaking = self.activity.note(level)
        self.stats.note_frame(cut, speaking=speaking)
        silent = level <= conceal.SILENCE_DB
        return Frame(None if silent else cut.samples, cut.made > 0, speaking, cut.arrived_ns)

    def _silence(self) -> Frame:
        self.stats.note_nothing()
        noise = self._noise.next() if self._noise else self._hush()
        level = conceal.SILENCE_DB if noise is None else conceal.level_db(noise)
        return Frame(noise, sounding=self.activity.note(level))

    def _hush(self) -> Samples | None:
        """Return libopus' comfort noise during DTX, in which the sender sends one packet every 400 ms."""
        if self._hushed <= 0:
            return None
        self._hushed -= FRAME_SAMPLES
        hush = self._decoder.conceal(FRAME_SAMPLES)
        return hush if self._hushed else conceal.release(hush)

    def _fill(self, now_ns: int) -> bool:
        """Prepare more sound. Return False if none is available now."""
        if self._resting and not self._wake(now_ns):
            return False
        entry = self.buffer.first()
        view = View(
            next=entry,
            last=self._last,
            head=self._head,
            expanded=self._expanded,
            fec=entry is not None and entry.fec,
        )
        step = decide(view)
        if step is Step.EXPAND and (entry is not None or not (self._hushed or self._noise)):
            self._expand()
        elif step in (Step.REST, Step.EXPAND) or entry is None:
            return self._rest()
        elif step is Step.SKIP:
            self._skip(entry)
        elif step is Step.PASS:
            self._pass(view, entry)
        elif step is Step.PLAY:
            self._play(entry, now_ns)
        else:
            self._recover(entry, now_ns)
        return True

    # --- the steps -------------------------------------------------------------------------------

    def _wake(self, now_ns: int) -> bool:
        """Begin playout if the first packet is due."""
        entry = self.buffer.first()
        while entry is not None and (not entry.samples or self._stale(entry, now_ns)):
            self._skip(entry)
            entry = self.buffer.first()
        if entry is None:
            return False
        begin, last = self._begin(entry, now_ns)
        waited_ns = self._waited_ns(begin, now_ns)
        if waited_ns + _HARDLY_NS < self.delay.aim(waited_ns):
            return False
        if entry.sequence == self._last + 1 and entry.position - self._head > SLACK:
            self.stats.forgive()  # the sender had paused, so nothing was missing
            self._concealer.undo()
        self._resting = False
        self._head, self._last = begin, last
        return True

    def _begin(self, entry: Entry, now_ns: int) -> tuple[int, int]:
        """Return where to begin when `entry` is the first that waits: (position, sequence number before it).

        That is its lost predecessor if `entry` brings a copy of it in time, because speech often begins there.
        """
        before = entry.position - entry.samples
        if entry.fec and entry.sequence - self._last > 1 and before >= self._head:
            waited_ns = self._waited_ns(before, now_ns)
            if waited_ns < self.delay.aim(waited_ns) + _WORTH_NS:
                return before, entry.sequence - 2
        return entry.position, entry.sequence - 1

    def _waited_ns(self, position: int, now_ns: int) -> int:
        """Return how late the packet at `position` could have arrived to be played now."""
        return 0 if self.delay.fastest_ns is None else now_ns - self.delay.fastest_ns - nanoseconds(position)

    def _stale(self, entry: Entry, now_ns: int) -> bool:
        """Return whether too much has piled up for `entry` to be worth its delay."""
        waited_ns = self._waited_ns(entry.position, now_ns)
        return waited_ns > self._max_ns + 2 * FRAME_MS * MS and self.buffer.waiting() > entry.samples

    def _skip(self, entry: Entry) -> None:
        """Pass over a packet that has no sound, or whose sound is not worth playing any more."""
        if entry.sequence == self._last + 1 or not self._resting:
            self._last = entry.sequence
        self.buffer.take(entry.sequence)
        if entry.noise:
            self._noise = ComfortNoise(entry.noise)

    def _play(self, entry: Entry, now_ns: int) -> None:
        self.buffer.take(entry.sequence)
        surplus = self._surplus(entry.position, now_ns)
        seam = self._concealer.settle(entry.position)
        played = self._decoder.decode(entry.payload)
        made = played is None
        if played is None:
            self.stats.undecodable += 1
            played = self._decoder.conceal(entry.samples)
        self.stats.red_packets += entry.redundant
        self.stats.note_played(now_ns + nanoseconds(self._playout.ready) - entry.arrived_ns, self.delay.target_ns)
        self._head = entry.position
        self._last = entry.sequence
        self._chunk = len(played)
        self._hushed = _HUSH if len(entry.payload) <= _DTX_BYTES else 0
        self._append(Piece(played, entry.arrived_ns, made=made, recovered=entry.redundant), seam, surplus)

    def _recover(self, entry: Entry, now_ns: int) -> None:
        gap = entry.position - self._head
        wanted = entry.samples if abs(gap - entry.samples) <= conceal.GRAIN else gap
        wanted = min(max(wanted // conceal.GRAIN * conceal.GRAIN, conceal.GRAIN), MAX_SAMPLES)
        surplus = self._surplus(self._head, now_ns)
        seam = self._concealer.settle(self._head)
        found = self._decoder.recover(entry.payload, wanted)
        made = found is None
        if found is None:
            found = self._decoder.conceal(wanted)
        self.stats.fec_packets += not made
        self._last = entry.sequence - 1
        self.buffer.take(self._last)
        self._append(Piece(found, entry.arrived_ns, made=made, recovered=not made), seam, surplus)

    def _pass(self, view: View, entry: Entry) -> None:
        """Give up the lost packets that concealment has covered."""
        passed = view.beyond_help
        self._head += passed
        self._expanded = max(0, self._expanded - passed)
        self._last = entry.sequence - 1 - view.fec
        self.buffer.take(self._last)

    def _expand(self) -> None:
        made = self._concealer.make(self._head, self._chunk)
        self._playout.append(Piece(made, made=self._tail_db >= conceal.QUIET_DB))  # a longer pause is not a gap
        self._expanded += FRAME_SAMPLES

    def _rest(self) -> bool:
        """Go silent until the next packet is due. A loud tail is faded out first, which returns True."""
        fading = self._tail_db >= conceal.QUIET_DB and not self._concealer.run
        if fading:
            self._playout.append(Piece(conceal.release(self._decoder.conceal(FRAME_SAMPLES))))
        self._concealer.pause()
        self._expanded = 0
        self._tail_db = conceal.SILENCE_DB
        self._resting = True
        return fading

    # --- seams -----------------------------------------------------------------------------------

    def _surplus(self, position: int, now_ns: int) -> int:
        """Return by how many samples `position` is delayed more than needed if it is played next."""
        waited_ns = self._waited_ns(position, now_ns)
        return samples(waited_ns - self.delay.aim(waited_ns)) + self._playout.ready

    def _append(self, piece: Piece, seam: Samples | None, surplus: int) -> None:
        """Append real sound. A late beginning is cut, otherwise a time stretch brings the delay to its target."""
        real = piece.samples
        self._head += len(real)
        self._concealer.hear(real)
        self._tail_db = conceal.level_db(real[-FRAME_SAMPLES:])
        if self._expanded:
            skip = min(max(surplus, 0), self._expanded, len(real))
            if self._expanded > _SHORT_HOLE and surplus < samples(self._max_ns):
                skip = 0
            real = real[skip:]
            self._expanded = 0
        else:
            waited = samples(self.delay.target_ns) + surplus
            real = self.pace.adjust(real, surplus, urgent=waited > samples(self._max_ns))
        if self._noise and seam is None:
            seam = self._noise.next(conceal.SEAM)
        self._noise = None
        piece.samples = real if seam is None else conceal.merge(seam, real)
        self._playout.append(piece)
