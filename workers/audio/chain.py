"""From frames to blocks of sound: inbox → playout → mixer → limiter. No I/O and no clock of its own.

`inbox` is filled by the receiving thread and emptied by the sink's: a deque's ends need no lock. Everything else runs
in the sink's thread alone; others only read counters and set gains.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.audio.limiter import LOOK_AHEAD, Limiter
from workers.audio.mixer import Mixer, Voice
from workers.audio.playout import Playout, Step

INBOX_FRAMES = 3000
"""What may wait while no sink takes anything: two seconds of 15 talkers."""
_NS_PER_SAMPLE = 1_000_000_000 / SAMPLE_RATE


@dataclass(slots=True)
class Delays:
    """Sums of what one talker's frames waited, in nanoseconds, since they were last taken."""

    queue_ns: float = 0.0
    queued: int = 0
    age_ns: float = 0.0
    aged: int = 0


class Chain:
    """What a sink plays. `render` is called by one thread at a time."""

    def __init__(self, queue_ms: int, gain_db: float = 0.0, new_voice: Callable[[str], Voice] | None = None) -> None:
        self.inbox: deque[tuple[AudioFrame, bytes]] = deque(maxlen=INBOX_FRAMES)
        self.playout = Playout(queue_ms)
        self.mixer = Mixer(gain_db, new_voice)
        self.limiter = Limiter()
        self.played = 0
        """Frames that went to a sink."""
        self.peak = 0.0
        """Highest sample of the mix since it was last taken."""
        self.delays: dict[str, Delays] = {}
        self._frame = np.zeros(FRAME_SAMPLES, np.float32)
        self._left = 0

    def render(self, out: NDArray[np.float32], now_ns: int) -> None:
        """Fill `out` (mono float32, any length); `now_ns`: monotonic time at which the sink takes its first sample."""
        filled = 0
        while filled < len(out):
            if not self._left:
                self._next(now_ns + filled * _NS_PER_SAMPLE)
                self._left = FRAME_SAMPLES
            count = min(self._left, len(out) - filled)
            start = FRAME_SAMPLES - self._left
            out[filled : filled + count] = self._frame[start : start + count]
            self._left -= count
            filled += count

    def _next(self, now_ns: float) -> None:
        inbox, playout = self.inbox, self.playout
        while inbox:
            playout.put(*inbox.popleft())
        step = playout.pull()
        self.mixer.mix(step, self._frame)
        self.limiter.process(self._frame)
        self.played += 1
        self._note(step, now_ns + LOOK_AHEAD * _NS_PER_SAMPLE)
        if self.played % 1000 == 0:
            self._forget()

    def _note(self, step: Step, heard_ns: float) -> None:
        self.peak = max(self.peak, float(self._frame.max()), -float(self._frame.min()))
        for frame, samples in step.parts:
            if not samples:
                continue
            delays = self.delays.get(frame.peer)
            if delays is None:
                delays = self.delays[frame.peer] = Delays()
            delays.queue_ns += heard_ns - frame.tick_ns
            delays.queued += 1
            if frame.arrived_ns and frame.sounding:
                delays.age_ns += heard_ns - frame.arrived_ns
                delays.aged += 1

    def _forget(self) -> None:
        """Give up what belongs to talkers who are gone."""
        known = self.playout.talkers
        for peer in [peer for peer in self.mixer.voices if peer not in known]:
            del self.mixer.voices[peer]
            self.delays.pop(peer, None)

    def take_peak(self) -> float:
        peak, self.peak = self.peak, 0.0
        return peak

    def take_delays(self, peer: str) -> tuple[float, float]:
        """Return the means, in milliseconds, of tick → sink and of RTP packet in → sink since last asked."""
        delays = self.delays.pop(peer, None)
        if delays is None:
            return 0.0, 0.0
        queue = delays.queue_ns / delays.queued if delays.queued else 0.0
        age = delays.age_ns / delays.aged if delays.aged else 0.0
        return queue / 1e6, age / 1e6
