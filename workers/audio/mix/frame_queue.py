"""The elastic queue before the mixer, which gives the frames that sound next. No I/O, no clock.

All talkers share media's ticks, so one cursor serves them all. It moves one tick with each frame that the sink takes.
The frames ahead of it cover the scheduling of two processes. The drift between the two clocks is the resampler's part,
after the mix. Whole frames too many or too few (`correction`) are dropped or added in silence.
"""

from __future__ import annotations

from collections import deque

from common.messages import FRAME_MS
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.mix.talker_gaps import TalkerCounts, TalkerGaps

FAR_TICKS = 100
"""A tick this far from the newest one does not belong to its stream, and the cursor is placed again."""
IDLE_PULLS = 20
"""After this many frames without anything to play the stream has ended, and the next one is queued up again."""
ROOM_MS = 100
"""How much more than its target the queue may hold before it is cut."""
_NO_FRAMES: dict[str, TalkerFrame] = {}


class FrameQueue:
    """The queue. `put` takes frames in any order, and `pull` returns one `MixStep` a frame. For one thread."""

    def __init__(self, target_ms: int) -> None:
        self._own_target = max(1, round(target_ms / FRAME_MS))
        self.lengthen(0)
        self.underruns = 0
        """Frames in which a talker should have sounded and no talker had a frame."""
        self.inserted = 0
        """Silent frames added because the queue ran low."""
        self.strays = 0
        """Frames of an earlier media worker."""
        self.correction = 0
        """Frames to drop (> 0) or to add (< 0) in silence."""
        self.moves = 0
        """How often the queue was cut, filled up or restarted."""
        self._gaps = TalkerGaps()
        self._boots = BootFilter()
        self._ticks: dict[int, dict[str, TalkerFrame]] = {}
        self._newest = 0
        self._cursor: int | None = None
        self._skip: set[int] = set()
        self._spliced = False
        self._cut_due = False
        self._idle = 0
        self._pulls = 0

    def lengthen(self, extra_frames: int) -> None:
        """Set how many frames more than on one machine the queue is to hold."""
        self.target = self._own_target + extra_frames
        self.limit = self.target + ROOM_MS // FRAME_MS

    @property
    def talkers(self) -> dict[str, TalkerCounts]:
        return self._gaps.talkers

    @property
    def depth(self) -> int:
        """Ticks in the queue."""
        if self._cursor is None:
            return len(self._ticks)
        return max(0, self._newest - self._cursor + 1 - len(self._skip))

    # --- in ----------------------------------------------------------------------------------------

    def put(self, part: TalkerFrame) -> None:
        frame = part.frame
        if frame.boot != self._boots.current:
            if not self._boots.accept(frame.boot):
                self.strays += 1
                return
            self._restart()
        anchored = bool(self._ticks) or self._cursor is not None
        if anchored and abs(frame.tick - self._newest) > FAR_TICKS:
            self._restart()
            anchored = False
        talker = self._gaps.on_arrival(frame.peer, self._pulls)
        if self._cursor is not None and frame.tick < self._cursor:
            talker.late += 1
            return
        self._newest = max(self._newest, frame.tick) if anchored else frame.tick
        self._ticks.setdefault(frame.tick, {})[frame.peer] = part

    def request_correction(self, frames: int | None) -> None:
        """Drop (> 0) or add (< 0) so many frames, as soon as there is silence. None: cut to the target now."""
        self._cut_due = frames is None
        self.correction = frames or 0

    def _restart(self) -> None:
        """Restart with the frames that arrive next."""
        self._ticks.clear()
        self._skip.clear()
        self._cursor = None
        self._spliced = True
        self._idle = 0
        self._on_moved()

    def _on_moved(self) -> None:
        self.moves += 1
        self.correction = 0

    # --- out ---------------------------------------------------------------------------------------

    def pull(self) -> MixStep:
        """Return what sounds in the next frame."""
        self._pulls += 1
        if self._pulls % FAR_TICKS == 0:
            self._gaps.forget(self._pulls, self._ticks.values())
        if self._cursor is None and not self._place_cursor():
            return self._missing_step()
        self._cut()
        while self._cursor in self._skip:
            self._skip.discard(self._cursor)
            self._cursor += 1
        tick = self._cursor
        assert tick is not None
        if not self._is_complete(tick):
            return self._run_dry()
        if self.correction and _is_silent(self._ticks, tick):
            if self.correction < 0:
                self.correction += 1
                self.moves += 1
                self.inserted += 1
                return MixStep()
            if not self._skip and self._is_complete(tick + 1):
                self._gaps.count_dropped(self._ticks.pop(tick, _NO_FRAMES))
                self.correction -= 1
                self.moves += 1
                tick += 1
        return self._play(tick)

    def _place_cursor(self) -> bool:
        """Place the cursor once enough frames wait, and drop the older ones."""
        if not self._ticks or self._newest - min(self._ticks) + 1 < self.target:
            return False
        self._cursor = self._newest - self.target + 1
        for tick in [tick for tick in self._ticks if tick < self._cursor]:
            self._gaps.count_dropped(self._ticks.pop(tick))
        self._on_moved()
        return True

    def _is_complete(self, tick: int) -> bool:
        """Return whether all frames of `tick` have arrived, as far as that can be known."""
        if self._newest != tick:
            return self._newest > tick
        return self._gaps.are_all_in(self._ticks.get(tick, _NO_FRAMES))

    def _play(self, tick: int) -> MixStep:
        parts = self._ticks.pop(tick, _NO_FRAMES)
        self._cursor = tick + 1
        self._idle = 0
        step = MixStep(list(parts.values()), spliced=self._spliced)
        self._spliced = False
        self._gaps.on_played(parts, step)
        return step

    def _run_dry(self) -> MixStep:
        self._idle += 1
        if self._idle > IDLE_PULLS:
            self._restart()
        step = self._missing_step()
        if step.gaps:
            self.underruns += 1
            self._on_moved()
        return step

    def _missing_step(self) -> MixStep:
        step = MixStep()
        self._gaps.on_played(_NO_FRAMES, step)
        return step

    def _cut(self) -> None:
        """Bring an overfull queue back to its target. Silence goes first, then the oldest frames if necessary."""
        limit = self.target if self._cut_due else self.limit
        self._cut_due = False
        if self.depth <= limit:
            return
        assert self._cursor is not None
        waiting = [tick for tick in range(self._cursor, self._newest + 1) if tick not in self._skip]
        excess = len(waiting) - self.target
        silent = [tick for tick in waiting if _is_silent(self._ticks, tick)][:excess]
        left = len(waiting) - len(silent)
        loud = [] if left <= limit else [t for t in waiting if t not in silent][: left - self.target]
        for tick in (*silent, *loud):
            self._gaps.count_dropped(self._ticks.pop(tick, _NO_FRAMES))
            self._skip.add(tick)
        self._spliced = self._spliced or bool(loud)
        self._on_moved()


def _is_silent(ticks: dict[int, dict[str, TalkerFrame]], tick: int) -> bool:
    return not any(part.frame.sounding for part in ticks.get(tick, _NO_FRAMES).values())


class BootFilter:
    """The runs of the media worker. A frame of an earlier run is a stray."""

    def __init__(self) -> None:
        self.current = ""
        self._retired: deque[str] = deque(maxlen=8)

    def accept(self, boot: str) -> bool:
        """Take a new run as the current one. Return False for an earlier run."""
        if boot in self._retired:
            return False
        if self.current:
            self._retired.append(self.current)
        self.current = boot
        return True
