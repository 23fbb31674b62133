"""The headroom, i.e. how long frames wait before they are taken, and how much longer that is than they need to.

The lag, from a frame's tick until it is heard, must cover late frames and the block of the device, which asks for all
samples of a block at its beginning. A longer lag pays while it saves more gaps than its price. Whole frames too many or
too few are corrected in silence, which also mends what a stall or a burst left. The rest is `surplus_ns`, which the
rate control of a device takes away slowly (`rate_control`). No I/O, no clock.
"""

from __future__ import annotations

import math
from collections import deque

from common.messages import FRAME_MS
from workers.audio.mix.far.arrival_jitter import PRICE
from workers.audio.mix.talker_frames import MixStep

WINDOW_FRAMES = 200
"""Frames that are watched before a correction, two seconds."""
KNOWN_WINDOWS = 15
"""Windows after which the latest frames are known, half a minute. Until then, and for frames of another machine, which
come as late as their network lets them (`ArrivalJitter`), the shortest wait is held to a band."""
FORGET = 1 - 1 / 150
"""Weight of a window relative to the next one: five minutes are remembered."""
SPARE_MS = 3.0
"""What the lag has beyond what pays. Chosen as the time in which the frames of a tick arrive on a busy machine, since
the frame of a talker who begins is not waited for."""
GAP_WORTH = 10.0
"""What a gap of this machine's making costs, relative to one that a network makes (`PRICE`): there are no others on a
good network. 10 ms more then pay where a frame is that late once in 160 s. By `benchmarks.sound.headroom`: with 5 there
are two to three times as many gaps for 0 to 5 ms less, with 20 the lag is 1 to 6 ms longer."""
_DEAD_MS = 2.0
"""How much wider than a frame the band without corrections is, so that no correction calls for the opposite one."""
MOST_MS = 80
"""The longest lag by what is known, below the one at which the queue is cut (`FrameQueue.limit`)."""
_GAP_COST = GAP_WORTH / WINDOW_FRAMES
_FRAME_NS = FRAME_MS * 1_000_000


class Headroom:
    def __init__(self, target_frames: int) -> None:
        """`target_frames` is the queue's target. Its last frame must be there before the one before it is taken."""
        self.set_target(target_frames)
        self.lowest_ms = 0.0
        """Of the last whole window."""
        self.surplus_ns = 0.0
        """How much longer than needed the lag is, beyond the whole frames that are corrected. Below 0: shorter."""
        self._weights = [0.0] * (MOST_MS + 1)
        """Windows by the mean lag that each would have needed but for the device's block, in whole ms."""
        self._windows = 0
        self._blocks_ns: deque[float] = deque(maxlen=KNOWN_WINDOWS)
        """The longest block of each of this device's last windows."""
        self._mean_ns = 0.0
        """The mean lag of the last whole window."""
        self._missed = False
        self._has_begun = self._is_beginning = True
        self.restart()

    def set_target(self, target_frames: int) -> None:
        """Follow the queue's target."""
        self._least_ns = ((target_frames - 1) * FRAME_MS - _DEAD_MS) * 1e6
        self._most_ns = target_frames * FRAME_MS * 1e6
        self._longer_ns = max(0, target_frames - 2) * FRAME_MS * 1e6

    @property
    def least_ms(self) -> float:
        """How late a frame of another machine may be at least without being missed."""
        return self._least_ns / 1e6

    @property
    def needed_ns(self) -> float | None:
        """The mean lag that is needed, or None if that is not known."""
        if self._windows < KNOWN_WINDOWS or not self._blocks_ns:
            return None
        return self._longer_ns + max(self._blocks_ns) + (self._best_ms() + SPARE_MS) * 1e6

    def facts(self) -> dict[str, str]:
        """Return the lag and what is needed of it, for `partyline status` and reports. Another thread may call it."""
        needed_ns = self.needed_ns
        needed = "not known yet" if needed_ns is None else f"{needed_ns / 1e6:.0f} ms"
        return {"lag from tick to device": f"{self._mean_ns / 1e6:.0f} ms", "lag needed": needed}

    def restart(self) -> None:
        """Restart the window, because the queue was changed."""
        self._low_ns = self._least_lag_ns = float("inf")
        self._lag_ns = self._block_ns = 0.0
        self._late_ns = float("-inf")
        self._left = WINDOW_FRAMES
        self.surplus_ns = 0.0

    def begin_run(self) -> None:
        """Ignore what a device takes in its first seconds, which is not at its pace. Another thread may call it."""
        self._has_begun = True

    def record_miss(self) -> None:
        """Learn that a frame was too late. By how much does not matter, since a stall is not waited for."""
        self._missed = True

    def measure(self, step: MixStep, asked_ns: int, heard_ns: float, block_ns: float) -> int | None:
        """Measure a frame that was asked for at `asked_ns`, and that the sink takes at `heard_ns`.

        `block_ns` is the length of the block in which it begins, or 0 if it begins each block. By a clock of its own a
        device's blocks move over the frames, so a frame that begins a block now ends one some minutes later.

        Return, at the end of a window, the frames to drop (> 0) or to add (< 0).
        """
        if not step.parts:
            return None
        if self._has_begun:
            self._has_begun, self._is_beginning = False, True
            self._blocks_ns.clear()
            self.restart()
        tick_ns, received_ns = step.parts[0].frame.tick_ns, max(part.received_ns for part in step.parts)
        self._low_ns = min(self._low_ns, asked_ns - received_ns)
        self._late_ns = max(self._late_ns, received_ns - tick_ns)
        self._lag_ns += heard_ns - tick_ns
        self._least_lag_ns = min(self._least_lag_ns, heard_ns - tick_ns)
        self._block_ns = max(self._block_ns, block_ns)
        self._left -= 1
        return None if self._left else self._end_window(is_far=step.parts[0].frame.drift_ns is not None)

    def _end_window(self, *, is_far: bool) -> int:
        low_ns, mean_ns, block_ns = self._low_ns, self._lag_ns / WINDOW_FRAMES, self._block_ns
        need_ns = self._late_ns + mean_ns - self._least_lag_ns
        self.lowest_ms = low_ns / 1e6
        self.restart()
        if is_far or self._is_beginning:
            self._is_beginning = False
            return self._correct_by_lowest(low_ns)
        need_ns = min(need_ns, mean_ns - block_ns)  # what was later is a stall, or is learnt step by step
        self._learn(max(need_ns, self._mean_ns - block_ns) if self._missed else need_ns)
        self._blocks_ns.append(block_ns)
        self._mean_ns, self._missed = mean_ns, False
        needed_ns = self.needed_ns
        return self._correct_by_lowest(low_ns) if needed_ns is None else self._correct(mean_ns - needed_ns)

    def _learn(self, need_ns: float) -> None:
        self._weights = [weight * FORGET for weight in self._weights]
        self._weights[max(0, min(math.ceil(need_ns / 1e6), MOST_MS))] += 1.0
        self._windows += 1

    def _best_ms(self) -> int:
        """Return the cheapest lag in ms."""
        whole = missed = sum(self._weights)
        best, least = 0, math.inf
        for lag_ms, weight in enumerate(self._weights):
            missed -= weight
            cost = _GAP_COST * missed / whole + PRICE * lag_ms
            if cost < least:
                best, least = lag_ms, cost
        return best

    def _correct_by_lowest(self, low_ns: float) -> int:
        if low_ns < self._least_ns:
            return -int(-(low_ns - self._least_ns) // _FRAME_NS) - 1
        if low_ns >= self._most_ns:
            return int((low_ns - self._least_ns) // _FRAME_NS)
        return 0

    def _correct(self, surplus_ns: float) -> int:
        is_near = -SPARE_MS * 1e6 <= surplus_ns < _FRAME_NS + _DEAD_MS * 1e6
        frames = 0 if is_near else int(surplus_ns // _FRAME_NS)
        self.surplus_ns = surplus_ns - frames * _FRAME_NS
        return frames
