"""The elastic queue before the mixer: which frames of which talkers sound next. No I/O, no clock.

All talkers share media's ticks, so there is one cursor for all of them: it moves one tick with each frame that
the sink takes. What waits ahead of it bridges the scheduling of two processes. What the two clocks drift apart is
the resampler's matter, behind the mix; whole frames that are too many or too few (`wish`) are mended in silence.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from common.messages import FRAME_MS, AudioFrame

FAR_TICKS = 100
"""A tick so far from the newest one is no neighbour of it: the cursor is set anew."""
IDLE_PULLS = 20
"""After so many frames without anything to play the stream has ended; the next one is queued up anew."""
GONE_PULLS = 100
"""A sounding talker who gives no frame for so long has left: his gap is no missing frame."""
FORGET_PULLS = 1000
"""A talker who gave no frame for so long is forgotten."""
ROOM_MS = 100
"""What the queue may hold above its target before it is cut."""


class Part(NamedTuple):
    """One talker's frame: its header, and its samples or nothing for silence."""

    frame: AudioFrame
    samples: bytes
    came_ns: int = 0
    """Monotonic time at which it came from the audio plane."""


@dataclass(slots=True)
class Step:
    """What sounds during one frame."""

    parts: list[Part] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Talkers who ought to sound and have nothing: to be faded out, and in again."""
    spliced: bool = False
    """The frames before and after do not belong together: fade from one to the other."""


@dataclass(slots=True)
class Talker:
    """What is known of one talker. Counters are totals since he came."""

    frames: int = 0
    missing: int = 0
    dropped: int = 0
    late: int = 0
    """Frames that came after their tick was played."""
    sounding: bool = False
    pending: int = 0
    """Frames of a gap that is not over yet."""
    seen: int = 0
    """The pull before which his last frame came."""


class Playout:
    """Frames in by `put`, in any order; out by `pull`, one `Step` a frame. For one thread."""

    def __init__(self, target_ms: int) -> None:
        self.target = max(1, round(target_ms / FRAME_MS))
        self.limit = self.target + ROOM_MS // FRAME_MS
        self.talkers: dict[str, Talker] = {}
        self.underruns = 0
        """Frames in which a talker ought to have sounded and nothing had come from anybody."""
        self.inserted = 0
        """Silent frames added because the queue ran low."""
        self.strays = 0
        """Frames of a media worker that is no more."""
        self._boot = ""
        self._retired: deque[str] = deque(maxlen=8)
        self._ticks: dict[int, dict[str, Part]] = {}
        self._newest = 0
        self._cursor: int | None = None
        self._skip: set[int] = set()
        self._spliced = False
        self._idle = 0
        self._pulls = 0
        self.wish = 0
        """Frames to drop (> 0) or to add (< 0) where it is silent."""
        self.moves = 0
        """How often the queue was cut, filled up or begun anew."""

    @property
    def depth(self) -> int:
        """Ticks that wait."""
        if self._cursor is None:
            return len(self._ticks)
        return max(0, self._newest - self._cursor + 1 - len(self._skip))

    # --- in ----------------------------------------------------------------------------------------

    def put(self, part: Part) -> None:
        frame = part.frame
        if frame.boot != self._boot and not self._change_boot(frame.boot):
            self.strays += 1
            return
        anchored = bool(self._ticks) or self._cursor is not None
        if anchored and abs(frame.tick - self._newest) > FAR_TICKS:
            self._forget_ticks()
            anchored = False
        talker = self.talkers.get(frame.peer)
        if talker is None:
            talker = self.talkers[frame.peer] = Talker()
        talker.seen = self._pulls
        if self._cursor is not None and frame.tick < self._cursor:
            talker.late += 1
            return
        self._newest = max(self._newest, frame.tick) if anchored else frame.tick
        self._ticks.setdefault(frame.tick, {})[frame.peer] = part

    def _change_boot(self, boot: str) -> bool:
        if boot in self._retired:
            return False
        if self._boot:
            self._retired.append(self._boot)
        self._boot = boot
        self._forget_ticks()
        return True

    def _forget_ticks(self) -> None:
        """Begin anew with the frames that come now."""
        self._ticks.clear()
        self._skip.clear()
        self._cursor = None
        self._spliced = True
        self._idle = 0
        self._moved()

    def _moved(self) -> None:
        self.moves += 1
        self.wish = 0

    # --- out ---------------------------------------------------------------------------------------

    def pull(self) -> Step:
        """Return what sounds in the next frame."""
        self._pulls += 1
        if self._pulls % FAR_TICKS == 0:
            self._forget_talkers()
        if self._cursor is None and not self._begin():
            return self._hold()
        self._cut()
        self._leap()
        tick = self._cursor
        assert tick is not None
        if not self._complete(tick):
            return self._run_dry()
        parts = self._ticks.get(tick, {})
        silent = not any(part.frame.sounding for part in parts.values())
        if silent and self.wish < 0:
            self.wish += 1
            self.moves += 1
            self.inserted += 1
            return Step()
        if silent and self.wish > 0 and not self._skip and self._complete(tick + 1):
            self._count_dropped(self._ticks.pop(tick, {}))
            self.wish -= 1
            self.moves += 1
            tick += 1
        return self._play(tick)

    def _begin(self) -> bool:
        """Put the cursor in place once enough waits; what is older than needed is dropped."""
        if not self._ticks or self._newest - min(self._ticks) + 1 < self.target:
            return False
        self._cursor = self._newest - self.target + 1
        for tick in [tick for tick in self._ticks if tick < self._cursor]:
            self._count_dropped(self._ticks.pop(tick))
        self._moved()
        return True

    def _complete(self, tick: int) -> bool:
        """Whether all that belongs to `tick` has come, as far as one can tell."""
        if self._newest != tick:
            return self._newest > tick
        parts = self._ticks.get(tick, {})
        return all(peer in parts for peer, talker in self.talkers.items() if talker.sounding)

    def _play(self, tick: int) -> Step:
        parts = self._ticks.pop(tick, {})
        self._cursor = tick + 1
        self._idle = 0
        step = Step(list(parts.values()), spliced=self._spliced)
        self._spliced = False
        for peer, talker in self.talkers.items():
            part = parts.get(peer)
            if part is None:
                self._miss(peer, talker, step)
                continue
            talker.missing += talker.pending
            talker.pending = 0
            talker.sounding = part.frame.sounding
            talker.frames += bool(part.samples)
        return step

    def _run_dry(self) -> Step:
        self._idle += 1
        if self._idle > IDLE_PULLS:
            self._forget_ticks()
        step = self._hold()
        if step.gaps:
            self.underruns += 1
            self._moved()
        return step

    def _hold(self) -> Step:
        step = Step()
        for peer, talker in self.talkers.items():
            self._miss(peer, talker, step)
        return step

    def _miss(self, peer: str, talker: Talker, step: Step) -> None:
        if not talker.sounding:
            return
        talker.pending += 1
        step.gaps.append(peer)
        if talker.pending > GONE_PULLS:
            talker.pending = 0
            talker.sounding = False

    # --- too much ----------------------------------------------------------------------------------

    def _cut(self) -> None:
        """Bring a queue that is too full back to its target: silence goes first, then, if need be, the oldest."""
        if self.depth <= self.limit:
            return
        assert self._cursor is not None
        waiting = [tick for tick in range(self._cursor, self._newest + 1) if tick not in self._skip]
        excess = len(waiting) - self.target
        silent = [tick for tick in waiting if self._is_silent(tick)][:excess]
        left = len(waiting) - len(silent)
        loud = [] if left <= self.limit else [t for t in waiting if t not in silent][: left - self.target]
        for tick in (*silent, *loud):
            self._drop(tick)
        self._spliced = self._spliced or bool(loud)
        self._moved()

    def _is_silent(self, tick: int) -> bool:
        return not any(part.frame.sounding for part in self._ticks.get(tick, {}).values())

    def _drop(self, tick: int) -> None:
        self._count_dropped(self._ticks.pop(tick, {}))
        self._skip.add(tick)

    def _count_dropped(self, parts: dict[str, Part]) -> None:
        for peer in parts:
            self.talkers[peer].dropped += 1

    def _leap(self) -> None:
        """Move the cursor over what was dropped."""
        while self._cursor is not None and self._cursor in self._skip:
            self._skip.discard(self._cursor)
            self._cursor += 1

    def _forget_talkers(self) -> None:
        for peer in [p for p, talker in self.talkers.items() if self._pulls - talker.seen > FORGET_PULLS]:
            waiting = any(peer in parts for parts in self._ticks.values())
            if not waiting:
                del self.talkers[peer]
