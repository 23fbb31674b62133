"""How much longer the queue must be because frames come over a network. No I/O, no clock.

Frames of this machine are never touched. Those of another one carry `AudioFrame.drift_ns`. For each fifth of a second
the latest one counts: it is how long the mix would stand still. A longer queue pays while the share of the time that
would be made up falls by more than its price.
"""

from __future__ import annotations

from collections import deque

from common.messages import FRAME_MS
from workers.audio.mix.talker_frames import TalkerFrame

WINDOW_TICKS = 20
MOST_FRAMES = 20
"""The longest extra delay, 200 ms. The mix waits no longer than that for a frame either (`IDLE_PULLS`)."""
PRICE = 6e-5
"""Share of the time that may be made up to save a millisecond of delay: the one of `[media] latency` "balanced", set by
`benchmarks.receive.curve`."""
CAUTION = 2 / 3
"""Share of a saved millisecond's price that is charged back, because a network repeats what it has done. As media's."""
FORGET = 1 - 1 / 150
"""Weight of a window relative to the next one: half a minute is remembered, as media does."""
PRIOR_WINDOWS = 50.0
"""Windows without jitter that are assumed at first, 10 s."""
ON_TIME_MS = 20.0
"""A stall is over when a frame is less late than this. As media's."""
FASTEST_TICKS, FASTEST_COUNT = 1_000, 6
"""The fastest frame of the last minute, in six parts, counts as on time. Older ones do not, because what is known of
the clocks changes."""
RECENT_WINDOWS = 50
_WINDOW_MS = WINDOW_TICKS * FRAME_MS
_MS = 1e6


class ArrivalJitter:
    def __init__(self, covered_ms: float) -> None:
        """`covered_ms` is how late a frame may be without an extra delay."""
        self._covered_ms = covered_ms
        self.extra_frames = 0
        self.is_far = False
        """The last frame came from another machine."""
        self._weights = [0.0] * (MOST_FRAMES + 1)
        """By the latest frame of a window, in whole frames beyond `covered_ms`."""
        self._weight = PRIOR_WINDOWS
        self._boot = ""
        self._fastest: deque[tuple[int, float]] = deque(maxlen=FASTEST_COUNT)  # (first tick, transit)
        self._least_ns = 0.0
        self._window = 0
        self._latest_ms = 0.0
        self._last_ms = 0.0
        self._stalled = False
        self._recent: deque[float] = deque(maxlen=RECENT_WINDOWS)

    @property
    def extra_ms(self) -> float:
        return float(self.extra_frames * FRAME_MS)

    @property
    def delay_ms(self) -> float:
        """From a frame's tick until it is here: the fastest one of the last minute."""
        return self._least_ns / _MS

    @property
    def recent_ms(self) -> float:
        """How much later the latest frame of the last 10 s was."""
        return max((*self._recent, self._latest_ms))

    def record(self, part: TalkerFrame) -> TalkerFrame:
        """Learn from a frame. Return it as if it had come as fast as the fastest one, for `headroom`."""
        frame = part.frame
        self.is_far = frame.drift_ns is not None
        if frame.drift_ns is None:
            return part
        due_ns = frame.tick_ns + frame.drift_ns
        self._follow(frame.boot, frame.tick, part.received_ns - due_ns)
        late_ms = (part.received_ns - due_ns - self._least_ns) / _MS
        window = frame.tick // WINDOW_TICKS
        if window > self._window:
            self._end_window()
            self._window, self._latest_ms = window, 0.0
        self._latest_ms, self._last_ms = max(self._latest_ms, late_ms), late_ms
        return part._replace(received_ns=round(due_ns + self._least_ns))

    def _follow(self, boot: str, tick: int, transit_ns: float) -> None:
        """Keep the fastest transit."""
        parts = self._fastest
        if boot != self._boot:
            self._boot = boot
            self._window, self._latest_ms = tick // WINDOW_TICKS, 0.0
            parts.clear()
        if not parts or tick - parts[-1][0] >= FASTEST_TICKS:
            parts.append((tick, transit_ns))
        elif transit_ns < parts[-1][1]:
            parts[-1] = (parts[-1][0], transit_ns)
        else:
            return
        self._least_ns = min(transit for _, transit in parts)

    def _end_window(self) -> None:
        """Learn from a window, unless it is of a stall that no delay covers, or of what such a one held back."""
        self._recent.append(self._latest_ms)
        beyond = -int(-(self._latest_ms - self._covered_ms) // FRAME_MS)
        self._stalled = self._stalled or beyond > MOST_FRAMES
        if not self._stalled:
            self._learn(beyond)
        self._stalled = self._stalled and self._last_ms > ON_TIME_MS

    def _learn(self, beyond: int) -> None:
        self._weights = [weight * FORGET for weight in self._weights]
        self._weight = self._weight * FORGET + 1.0
        self._weights[max(0, beyond)] += 1.0
        self.extra_frames = self._best()

    def _best(self) -> int:
        """Return the cheapest extra delay in frames."""
        best, least = 0, float("inf")
        for extra in range(MOST_FRAMES + 1):
            made_up_ms = sum(
                weight * (beyond - extra) * FRAME_MS for beyond, weight in enumerate(self._weights) if beyond > extra
            )
            saved = max(0, self.extra_frames - extra)
            cost = made_up_ms / (_WINDOW_MS * self._weight) + PRICE * FRAME_MS * (extra + CAUTION * saved)
            if cost < least:
                best, least = extra, cost
        return best
