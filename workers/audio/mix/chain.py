"""The chain from talkers' frames to frames of the mix: inbox → playout → mixer → limiter → delay. No I/O, no clock.

The receiving thread fills `inbox` and the sink's thread empties it. The ends of a deque need no lock. Everything else
runs in the sink's thread alone. Other threads only read counters and set gains.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.basic.tone import Tone
from common.messages import FRAME_SAMPLES, LEFT, MIX_PEER, OUTPUT_PEER, RECORD_PEER, RIGHT, SAMPLE_RATE
from workers.audio.mix.alignment import RecorderAlignment
from workers.audio.mix.far.arrival_jitter import ArrivalJitter
from workers.audio.mix.frame_queue import FrameQueue
from workers.audio.mix.headroom import Headroom
from workers.audio.mix.limiter import LOOK_AHEAD, Limiter
from workers.audio.mix.mixer import Mixer, Voice
from workers.audio.mix.panning import SIDES, StereoLimiter
from workers.audio.mix.talker_frames import MixStep, TalkerFrame
from workers.audio.mix.video_delay import VideoDelay

INBOX_FRAMES = 3000
"""How many frames may wait while no sink takes any. They are two seconds of 15 talkers."""
NS_PER_SAMPLE = 1_000_000_000 / SAMPLE_RATE

Tap = Callable[[str, int, float, NDArray[np.float32]], None]
"""Gets each frame of the mix as `RECORD_PEER`, as `MIX_PEER` and, if there are further outputs, as `OUTPUT_PEER`: peer,
number, `AudioFrame.tick_ns`, samples. The latter two come as left and right first while somebody is panned."""


@dataclass(slots=True)
class Delays:
    """Sums of the delays of one talker's frames in nanoseconds, since the last reading."""

    queue_ns: float = 0.0
    queued: int = 0
    age_ns: float = 0.0
    aged: int = 0


class Chain:
    """The source of a sink. `frame` is called by one thread at a time."""

    def __init__(
        self,
        queue_ms: int,
        gain_db: float = 0.0,
        new_voice: Callable[[str], Voice] | None = None,
        *,
        rows: int = 1,
        tap: Tap | None = None,
    ) -> None:
        """`rows` counts the mix and each channel that talkers are routed to. `tap` gets the mix.

        A frame has the mix's sides besides, as its last rows (`panning`).
        """
        self.inbox: deque[TalkerFrame] = deque(maxlen=INBOX_FRAMES)
        self.rows = rows + SIDES
        self.queue = FrameQueue(queue_ms)
        self.headroom = Headroom(self.queue.target)
        self.jitter = ArrivalJitter(self.headroom.least_ms)
        self.mixer = Mixer(gain_db, new_voice)
        self.limiters = [Limiter() for _ in range(rows)]
        self.stereo = StereoLimiter(self.limiters[0])
        self.delay = VideoDelay(self.rows)
        self.tone = Tone(SAMPLE_RATE, FRAME_SAMPLES)
        """The test tone, which the recorder's mix lacks."""
        self._tap = tap
        self._alignment = RecorderAlignment(LOOK_AHEAD * NS_PER_SAMPLE)
        self.played = 0
        """Frames that went to a sink."""
        self.peak = 0.0
        """Highest sample of the mix since the last reading."""
        self.delays: dict[str, Delays] = {}
        self.undelayed = np.zeros((self.rows, FRAME_SAMPLES), np.float32)
        """The last frame without `delay`, for an output with a delay of its own."""
        self._frame = np.zeros((self.rows, FRAME_SAMPLES), np.float32)
        self._channel = np.zeros(FRAME_SAMPLES, np.float32)
        self._moves = self._underruns = 0
        self._extra_frames = self._drift_ns = 0
        self._feeds_outputs = False

    @property
    def surplus_ns(self) -> float:
        """How much longer frames wait than they need to."""
        return self.headroom.surplus_ns

    def begin_run(self) -> None:
        """Say that a sink begins to play."""
        self.headroom.begin_run()

    def frame(self, heard_ns: float, asked_ns: int, block_ns: float = 0.0) -> tuple[NDArray[np.float32], MixStep]:
        """Return the next frame (rows times `FRAME_SAMPLES`, valid until the next call) and what sounds in it.

        `asked_ns` is the monotonic time now. `heard_ns` is when the sink takes the frame's first sample. `block_ns` is
        the length of the block that it begins in, 0 for a sink whose blocks begin with frames.
        """
        inbox, queue = self.inbox, self.queue
        while inbox:
            queue.put(self.jitter.record(inbox.popleft()))
        self._follow_jitter()
        step = queue.pull()
        self._correct(step, asked_ns, heard_ns, block_ns)
        self.mixer.mix(step, self._frame)
        self.stereo.process(self._frame, is_wide=self.mixer.is_wide)
        for row, limiter in zip(self._frame[1:-SIDES], self.limiters[1:], strict=True):
            limiter.process(row)
        due_ns = self._alignment.due_ns(step, heard_ns)
        if self._tap is not None:
            self._tap(RECORD_PEER, self.played, due_ns, self._frame[0])
        self.tone.add_to(self._frame[0])
        np.copyto(self.undelayed, self._frame)
        if self._feeds_outputs:
            if step.parts:
                self._drift_ns = step.parts[0].frame.drift_ns or 0
            self._publish(OUTPUT_PEER, due_ns + self._drift_ns, self.undelayed)
        self.delay.process(self._frame)
        self._count_delays(step, heard_ns + LOOK_AHEAD * NS_PER_SAMPLE)
        self._publish(MIX_PEER, heard_ns, self._frame)
        self.played += 1
        if self.played % 1000 == 0:
            self._forget()
        return self._frame, step

    def _follow_jitter(self) -> None:
        if self.jitter.extra_frames != self._extra_frames:
            self._extra_frames = self.jitter.extra_frames
            self.queue.lengthen(self._extra_frames)
            self.headroom.set_target(self.queue.target)
            self.headroom.restart()

    def _publish(self, peer: str, at_ns: float, frame: NDArray[np.float32]) -> None:
        if self._tap is None:
            return
        if self.stereo.is_wide:
            for name, side in zip((LEFT, RIGHT), frame[-SIDES:], strict=True):
                np.add(frame[0], side, out=self._channel)
                self._tap(peer + name, self.played, at_ns, self._channel)
        self._tap(peer, self.played, at_ns, frame[0])

    def feed_outputs(self, *, is_needed: bool) -> None:
        """Say whether there are further outputs, which get the mix as `OUTPUT_PEER`."""
        self._feeds_outputs = is_needed

    def _correct(self, step: MixStep, asked_ns: int, heard_ns: float, block_ns: float) -> None:
        if self._moves != self.queue.moves:
            self._moves = self.queue.moves
            self.headroom.restart()
        if self._underruns != self.queue.underruns:
            self._underruns = self.queue.underruns
            self.headroom.record_miss()
        correction = self.headroom.measure(step, asked_ns, heard_ns, block_ns)
        if correction is not None:
            self.queue.request_correction(correction)

    def _count_delays(self, step: MixStep, heard_ns: float) -> None:
        self.peak = max(self.peak, self.stereo.peak(self._frame))
        for part in step.parts:
            frame = part.frame
            if not part.samples:
                continue
            delays = self.delays.get(frame.peer)
            if delays is None:
                delays = self.delays[frame.peer] = Delays()
            delays.queue_ns += heard_ns - frame.tick_ns - (frame.drift_ns or 0)
            delays.queued += 1
            if frame.arrived_ns and frame.sounding:
                delays.age_ns += heard_ns - frame.arrived_ns
                delays.aged += 1

    def _forget(self) -> None:
        """Drop the state of talkers that are gone."""
        known = self.queue.talkers
        for peer in [peer for peer in self.mixer.voices if peer not in known]:
            del self.mixer.voices[peer]
            self.delays.pop(peer, None)
            self.mixer.resolve_solo()

    def take_peak(self) -> float:
        peak, self.peak = self.peak, 0.0
        return peak

    def take_delays(self, peer: str) -> tuple[float, float]:
        """Return the mean delays in ms, from tick to sink and from RTP arrival to sink, since the last reading."""
        delays = self.delays.pop(peer, None)
        if delays is None:
            return 0.0, 0.0
        queue = delays.queue_ns / delays.queued if delays.queued else 0.0
        age = delays.age_ns / delays.aged if delays.aged else 0.0
        return queue / 1e6, age / 1e6
