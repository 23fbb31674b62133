"""One talker's receive path: packets in as they come, 10 ms frames out as they are due.

No I/O and no clock of its own: time comes in as monotonic nanoseconds, and the same input gives the same
samples. `packets` orders, `delay` says how long to wait, `decide` what to do, `conceal` mends the seams.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from common.messages import FRAME_MS, FRAME_SAMPLES
from workers.media.receive import conceal
from workers.media.receive.activity import Activity
from workers.media.receive.decide import SLACK, Step, View, decide
from workers.media.receive.delay import MS, DelayEstimator
from workers.media.receive.opus import MAX_SAMPLES, Decoder, Samples, has_fec
from workers.media.receive.packets import Entry, PacketBuffer, Rtp
from workers.media.receive.stats import Stats

_TOO_LONG_NS = 15 * MS
_TOO_SHORT_NS = 10 * MS
"""A delay so far off its target is mended when the talker is quiet …"""
_URGENT_NS = 60 * MS
"""… at once if it is off by so much, else in a real pause: within a sentence the rhythm stays."""
_PAUSE = 400 * 48
"""Quiet samples in a row (400 ms) that make a pause."""
_GRAIN = 120
"""libopus makes up sound in steps of 2.5 ms."""


@dataclass(frozen=True, slots=True)
class Frame:
    """10 ms of one talker, as `common.messages.AudioFrame` explains it."""

    samples: Samples | None
    """None: digital silence."""
    concealed: bool = False
    sounding: bool = False
    arrived_ns: int = 0


@dataclass(slots=True)
class _Piece:
    samples: Samples
    arrived_ns: int = 0
    made: bool = False
    recovered: bool = False


class ReceivePath:
    """The receive path of one talker. `put` and `pull` never raise on what comes from the network."""

    def __init__(self, decoder: Decoder, *, min_delay_ms: int = 0, max_delay_ms: int = 200) -> None:
        self.buffer = PacketBuffer()
        self.delay = DelayEstimator(min_ns=min_delay_ms * MS, max_ns=max_delay_ms * MS)
        self.stats = Stats()
        self.activity = Activity()
        self._decoder = decoder
        self._max_ns = max(max_delay_ms, min_delay_ms) * MS
        self._pieces: deque[_Piece] = deque()
        self._resting = True
        self._head = 0
        self._last = 0
        self._expanded = 0
        self._made_run = 0
        self._bridged = 0
        self._quiet_run = 0
        self._saved: bytes | None = None
        self._tail_db = conceal.SILENCE_DB

    # --- in --------------------------------------------------------------------------------------

    def put(self, packet: Rtp, arrived_ns: int) -> None:
        """Take a packet that came in at `arrived_ns`."""
        streams, rate = self.buffer.streams, self.buffer.clock_rate
        entries = self.buffer.put(packet, arrived_ns)
        if self.buffer.streams != streams:
            self._change_stream()
        if self.buffer.clock_rate != rate:
            self.delay.restart()
        for entry in entries:
            if entry.samples:
                position_ns = _ns(entry.position)
                self.delay.note_arrival(position_ns, entry.arrived_ns, _ns(entry.samples))
                self.stats.note_arrival(entry.arrived_ns - position_ns)

    def _change_stream(self) -> None:
        """Another source speaks: play out what is decoded, then begin anew with it."""
        self.delay.restart()
        self._decoder.reset()
        self._saved = None
        self._expanded = self._made_run = 0
        self._resting = True

    # --- out -------------------------------------------------------------------------------------

    def pull(self, now_ns: int) -> Frame:
        """Return the frame that is due at `now_ns`. To be called every 10 ms."""
        while self._ready() < FRAME_SAMPLES and self._fill(now_ns):
            pass
        if not self._ready():
            speaking = self.activity.note(conceal.SILENCE_DB)
            return Frame(None, sounding=speaking)
        return self._emit()

    def _ready(self) -> int:
        return sum(len(piece.samples) for piece in self._pieces)

    def _emit(self) -> Frame:
        arrived_ns, made, recovered = self._pieces[0].arrived_ns, False, False
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        at = 0
        while at < FRAME_SAMPLES and self._pieces:
            piece = self._pieces[0]
            count = min(FRAME_SAMPLES - at, len(piece.samples))
            frame[at : at + count] = piece.samples[:count]
            made, recovered = made or piece.made, recovered or piece.recovered
            at += count
            if count == len(piece.samples):
                self._pieces.popleft()
            else:
                piece.samples = piece.samples[count:]
        level = conceal.level_db(frame)
        speaking = self.activity.note(level)
        self.stats.note_frame(concealed=made, recovered=recovered, speaking=speaking)
        silent = level <= conceal.SILENCE_DB
        return Frame(None if silent else frame, concealed=made, sounding=speaking, arrived_ns=arrived_ns)

    def _fill(self, now_ns: int) -> bool:
        """Get more sound ready; return False if there is none to be had now."""
        if self._resting and not self._wake(now_ns):
            return False
        entry = self.buffer.first()
        view = View(
            next=entry,
            last=self._last,
            head=self._head,
            expanded=self._expanded,
            quiet=self._tail_db < conceal.QUIET_DB,
            fec=entry is not None and has_fec(entry.payload),
        )
        step = decide(view)
        if step is Step.EXPAND:
            self._expand()
        elif step is Step.REST:
            return self._rest(view)
        elif entry is not None:
            self._advance(step, entry, now_ns)
        return True

    def _advance(self, step: Step, entry: Entry, now_ns: int) -> None:
        if step is Step.SKIP:
            self._last = entry.sequence
            self.buffer.take(entry.sequence)
        elif step is Step.PLAY:
            self._play(entry, now_ns)
        elif step is Step.RECOVER:
            self._recover(entry, now_ns)
        else:
            self._conceal(entry)

    # --- the steps -------------------------------------------------------------------------------

    def _wake(self, now_ns: int) -> bool:
        """Begin to play if the first packet's time has come."""
        entry = self.buffer.first()
        while entry is not None and (not entry.samples or self._stale(entry, now_ns)):
            self._last += entry.sequence == self._last + 1
            self.buffer.take(entry.sequence)
            entry = self.buffer.first()
        if entry is None or now_ns + FRAME_MS * MS // 2 < self._due_ns(entry):  # the nearest tick, not the next
            return False
        if entry.sequence == self._last + 1 and entry.position - self._head > SLACK:
            self.stats.forgive(self._bridged)  # the sender had paused: nothing was missing
        self._bridged = 0
        self._resting = False
        self._head, self._last = entry.position, entry.sequence - 1
        return True

    def _due_ns(self, entry: Entry) -> int:
        fastest = self.delay.fastest_ns
        came = entry.arrived_ns if fastest is None else fastest + _ns(entry.position)
        return came + self.delay.target_ns

    def _stale(self, entry: Entry, now_ns: int) -> bool:
        """Tell whether too much has piled up for `entry` to be worth the delay that it would bring."""
        behind_ns = now_ns - self._due_ns(entry) + self.delay.target_ns
        return behind_ns > self._max_ns + 2 * FRAME_MS * MS and self.buffer.waiting() > entry.samples

    def _play(self, entry: Entry, now_ns: int) -> None:
        self.buffer.take(entry.sequence)
        seam = self._undo_expansion()
        samples = self._decoder.decode(entry.payload)
        made = samples is None
        if samples is None:
            self.stats.undecodable += 1
            samples = self._decoder.conceal(entry.samples)
        self._head = entry.position
        self.delay.note_outcome(lost=False)
        self.stats.note_played(now_ns + _ns(self._ready()) - entry.arrived_ns)
        piece = _Piece(samples, entry.arrived_ns, made=made, recovered=entry.redundant)
        self._append(piece, seam, now_ns)
        self._last = entry.sequence

    def _recover(self, entry: Entry, now_ns: int) -> None:
        gap = entry.position - self._head
        wanted = entry.samples if abs(gap - entry.samples) <= _GRAIN else gap
        wanted = min(max(wanted // _GRAIN * _GRAIN, _GRAIN), MAX_SAMPLES)
        seam = self._undo_expansion()
        samples = self._decoder.recover(entry.payload, wanted)
        made = samples is None
        if samples is None:
            samples = self._decoder.conceal(wanted)
        self._lose_one()
        self._append(_Piece(samples, entry.arrived_ns, made=made, recovered=not made), seam, now_ns)

    def _conceal(self, entry: Entry) -> None:
        """Make up the first of the missing packets; what waiting has already made up counts towards it."""
        missing = max(1, entry.sequence - self._last - 1)
        span = max((entry.position - self._head) // missing // _GRAIN * _GRAIN, _GRAIN)
        self._lose_one()
        self._head += span
        done = min(self._expanded, span)
        self._expanded -= done
        if not self._expanded:
            self._saved = None
        if span > done:
            self._make_up(span - done)

    def _lose_one(self) -> None:
        self._last += 1
        self.buffer.take(self._last)
        self.delay.note_outcome(lost=True)

    def _expand(self) -> None:
        if self._saved is None:
            self._saved = self._decoder.save()
        self._make_up(FRAME_SAMPLES)
        self._expanded += FRAME_SAMPLES

    def _rest(self, view: View) -> bool:
        """Go silent until the next packet is due; a loud tail is faded out first (returns True then)."""
        fading = not view.quiet and not self._made_run
        if fading:
            self._pieces.append(_Piece(conceal.release(self._decoder.conceal(FRAME_SAMPLES))))
        self._bridged = self._expanded // FRAME_SAMPLES
        if self._saved is not None:
            self._decoder.restore(self._saved)
            self._saved = None
        self._expanded = self._made_run = 0
        self._tail_db = conceal.SILENCE_DB
        self._resting = True
        return fading

    # --- seams -----------------------------------------------------------------------------------

    def _make_up(self, count: int) -> None:
        made = conceal.fade(self._decoder.conceal(count), self._made_run)
        self._made_run += count
        self._pieces.append(_Piece(made, made=True))

    def _undo_expansion(self) -> Samples | None:
        """Put the decoder back to before the made-up sound; return that sound's continuation for a crossfade."""
        if not self._made_run:
            return None
        if self._saved is None:
            return None  # after a loss libopus itself leads from the made-up sound into the real one
        seam = conceal.fade(self._decoder.conceal(FRAME_SAMPLES), self._made_run)
        self._decoder.restore(self._saved)
        self._saved = None
        return seam

    def _append(self, piece: _Piece, seam: Samples | None, now_ns: int) -> None:
        """Add real sound; leave out or repeat a little where that brings the delay to its target."""
        samples = piece.samples
        self._head += len(samples)
        self._tail_db = conceal.level_db(samples[-FRAME_SAMPLES:])
        quiet = conceal.level_db(samples) < conceal.QUIET_DB
        self._quiet_run = self._quiet_run + len(samples) if quiet else 0
        excess_ns = self._excess_ns(len(samples), now_ns)
        if self._expanded:
            skip = min(max(_samples(excess_ns), 0), self._expanded)
            left_over = max(0, skip - len(samples))
            samples = samples[skip:]
            self._expanded = left_over
        elif excess_ns > self._max_ns - self.delay.target_ns + _TOO_LONG_NS and len(samples) > FRAME_SAMPLES:
            samples = conceal.merge(samples[:FRAME_SAMPLES], samples[FRAME_SAMPLES:])
        elif self._quiet_run >= (_PAUSE if abs(excess_ns) < _URGENT_NS else len(samples)):
            if excess_ns > _TOO_LONG_NS and len(samples) > FRAME_SAMPLES:
                samples = samples[FRAME_SAMPLES:]
            elif excess_ns < -_TOO_SHORT_NS:
                samples = np.concatenate((samples[:FRAME_SAMPLES], samples))
        if len(samples):
            piece.samples = conceal.merge(seam, samples) if seam is not None else samples
            self._pieces.append(piece)
            self._made_run = 0

    def _excess_ns(self, count: int, now_ns: int) -> int:
        """Return by how much the delay exceeds its target if the next `count` samples are played as they are."""
        if self.delay.fastest_ns is None:
            return 0
        plays_ns = now_ns + _ns(self._ready())
        return plays_ns - self.delay.fastest_ns - _ns(self._head - count) - self.delay.target_ns


def _ns(samples: int) -> int:
    return samples * 62_500 // 3


def _samples(ns: int) -> int:
    return ns * 3 // 62_500
