"""The elastic queue before the mixer, which gives the frames that sound next. No I/O, no clock.

All talkers share media's ticks, so one cursor serves them all. It moves one tick with each frame that the sink takes.
The frames ahead of it cover the scheduling of two processes. The drift between the two clocks is the resampler's part,
after the mix. Whole frames too many or too few (`wish`) are corrected in silence.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from common.messages import FRAME_MS, AudioFrame

FAR_TICKS = 100
"""A tick this far from the newest one does not belong to its stream, and the cursor is placed again."""
IDLE_PULLS = 20
"""After this many frames without anything to play the stream has ended, and the next one is queued up again."""
GONE_PULLS = 100
"""A sounding talker without a frame for this long has left. The gap then holds no missing frames."""
FORGET_PULLS = 1000
"""A talker without a frame for this long is forgotten."""
ROOM_MS = 100
"""How much more than its target the queue may hold before it is cut."""


class TalkerFrame(NamedTuple):
    """One talker's frame with header and samples. The samples are empty for silence."""

    frame: AudioFrame
    samples: bytes
    came_ns: int = 0
    """Monotonic time at which it arrived from the audio plane."""


@dataclass(slots=True)
class MixStep:
    """The talkers' frames that sound during one frame of the mix."""

    parts: list[TalkerFrame] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Talkers that should sound and have no frame. The mixer fades them out, and in again."""
    spliced: bool = False
    """The frames before and after are not continuous, so the mixer crossfades."""


@dataclass(slots=True)
class TalkerCounts:
    """The state of one talker. Counters are totals since the talker came."""

    frames: int = 0
    missing: int = 0
    dropped: int = 0
    late: int = 0
    """Frames that arrived after their tick was played."""
    sounding: bool = False
    pending: int = 0
    """Frames of a gap that is not over yet."""
    seen: int = 0
    """The pull before which the last frame arrived."""


class FrameQueue:
    """The queue. `put` takes frames in any order, and `pull` returns one `MixStep` a frame. For one thread."""

    def __init__(self, target_ms: int) -> None:
        self.target = max(1, round(target_ms / FRAME_MS))
        self.limit = self.target + ROOM_MS // FRAME_MS
        self.talkers: dict[str, TalkerCounts] = {}
        self.underruns = 0
        """Frames in which a talker should have sounded and no talker had a frame."""
        self.inserted = 0
        """Silent frames added because the queue ran low."""
        self.strays = 0
        """Frames of an earlier media worker."""
        self._boot = ""
        self._retired: deque[str] = deque(maxlen=8)
        self._ticks: dict[int, dict[str, TalkerFrame]] = {}
        self._newest = 0
        self._cursor: int | None = None
        self._skip: set[int] = set()
        self._spliced = False
        self._idle = 0
        self._pulls = 0
        self.wish = 0
        """Frames to drop (> 0) or to add (< 0) in silence."""
        self.moves = 0
        """How often the queue was cut, filled up or restarted."""

    @property
    def depth(self) -> int:
        """Ticks in the queue."""
        if self._cursor is None:
            return len(self._ticks)
        return max(0, self._newest - self._cursor + 1 - len(self._skip))

    # --- in ----------------------------------------------------------------------------------------

    def put(self, part: TalkerFrame) -> None:
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
            talker = self.talkers[frame.peer] = TalkerCounts()
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
        """Restart with the frames that arrive next."""
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

    def pull(self) -> MixStep:
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
            return MixStep()
        if silent and self.wish > 0 and not self._skip and self._complete(tick + 1):
            self._count_dropped(self._ticks.pop(tick, {}))
            self.wish -= 1
            self.moves += 1
            tick += 1
        return self._play(tick)

    def _begin(self) -> bool:
        """Place the cursor once enough frames wait, and drop the older ones."""
        if not self._ticks or self._newest - min(self._ticks) + 1 < self.target:
            return False
        self._cursor = self._newest - self.target + 1
        for tick in [tick for tick in self._ticks if tick < self._cursor]:
            self._count_dropped(self._ticks.pop(tick))
        self._moved()
        return True

    def _complete(self, tick: int) -> bool:
        """Return whether all frames of `tick` have arrived, as far as that can be known."""
        if self._newest != tick:
            return self._newest > tick
        parts = self._ticks.get(tick, {})
        return all(peer in parts for peer, talker in self.talkers.items() if talker.sounding)

    def _play(self, tick: int) -> MixStep:
        parts = self._ticks.pop(tick, {})
        self._cursor = tick + 1
        self._idle = 0
        step = MixStep(list(parts.values()), spliced=self._spliced)
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

    def _run_dry(self) -> MixStep:
        self._idle += 1
        if self._idle > IDLE_PULLS:
            self._forget_ticks()
        step = self._hold()
        if step.gaps:
            self.underruns += 1
            self._moved()
        return step

    def _hold(self) -> MixStep:
        step = MixStep()
        for peer, talker in self.talkers.items():
            self._miss(peer, talker, step)
        return step

    def _miss(self, peer: str, talker: TalkerCounts, step: MixStep) -> None:
        if not talker.sounding:
            return
        talker.pending += 1
        step.gaps.append(peer)
        if talker.pending > GONE_PULLS:
            talker.pending = 0
            talker.sounding = False

    # --- overflow ----------------------------------------------------------------------------------

    def _cut(self) -> None:
        """Bring an overfull queue back to its target. Silence goes first, then the oldest frames if necessary."""
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

    def _count_dropped(self, parts: dict[str, TalkerFrame]) -> None:
        for peer in parts:
            self.talkers[peer].dropped += 1

    def _leap(self) -> None:
        """Move the cursor over dropped ticks."""
        while self._cursor is not None and self._cursor in self._skip:
            self._skip.discard(self._cursor)
            self._cursor += 1

    def _forget_talkers(self) -> None:
        for peer in [p for p, talker in self.talkers.items() if self._pulls - talker.seen > FORGET_PULLS]:
            waiting = any(peer in parts for parts in self._ticks.values())
            if not waiting:
                del self.talkers[peer]
