"""How late the sound of the last packets was: a histogram that forgets, and that sees when a network has changed."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.media.receive.buffer.arrival_outcomes import ArrivalOutcome
from workers.media.receive.buffer.late_episodes import LATE_MS, LateEpisodes

BINS = 1024
"""Bins of 1 ms each, more than the longest delay that the settings allow."""
MEMORY_MS = 32_000.0
"""A network is remembered for half a minute of speech."""
DOUBT_MS = 2000.0
"""Speech without lateness that is assumed at first, so that the first late packet is not half of the evidence."""
EVENT_MS = 30.0
"""A gap is heard as if it were at least this long. By `benchmarks.receive.networks`: 0.09 PESQ-WB where packets of
20 ms overtake each other, nothing elsewhere."""
LATE_PACKETS = 1000
"""Late packets that are kept, to be counted anew when the network changes: 40 s of packets of 40 ms."""
FLOOR_MS = 6000.0
"""The floor's rise concerns so much of the last speech."""
RISE_MS = 5.0
"""A smaller rise of the floor is not a change of the route."""
SURPRISE_MS = 240.0
"""Sound after a change that counts as late all the same: the delay needs so long to follow."""


@dataclass(slots=True)
class _Late:
    spoken_ms: float
    """Where it ended, in ms of speech."""
    heard_ms: float
    outcome: ArrivalOutcome


class LatenessHistory:
    """What one talker's network did. Lateness is measured from the floor, see `TransitFloor`."""

    def __init__(self) -> None:
        self.weights: npt.NDArray[np.float64] = np.zeros(BINS)
        """How many ms of sound were so late, by lateness in ms. What was lost for good has none."""
        self.weight = DOUBT_MS
        """Weight of all sound in ms."""
        self._spoken_ms = 0.0
        self._stream_ms = 0.0
        """Where this stream began."""
        self._late: deque[_Late] = deque(maxlen=LATE_PACKETS)
        self._episodes = LateEpisodes()
        self._risen_ms = 0.0
        self._was_late = False

    def restart(self) -> None:
        """Begin another stream: its lateness is measured from another floor."""
        self._stream_ms = self._spoken_ms
        self._risen_ms = 0.0

    def record(self, outcome: ArrivalOutcome, length_ms: float) -> None:
        """Learn from a packet of `length_ms`."""
        kept = math.exp(-length_ms / MEMORY_MS)
        self.weights *= kept
        self.weight = self.weight * kept + length_ms
        self._spoken_ms += length_ms
        latest_ms = _latest(outcome)
        heard_ms = max(length_ms, EVENT_MS) if latest_ms > LATE_MS and not self._was_late else length_ms
        self._was_late = latest_ms > LATE_MS
        for late_ms, gain in outcome:
            self.weights[_bin(late_ms)] += gain * heard_ms
        if latest_ms >= RISE_MS:
            self._late.append(_Late(self._spoken_ms, heard_ms, outcome))
        self._episodes.record(self._spoken_ms, latest_ms)
        for episode in self._episodes.past(self._spoken_ms):
            for late in self._late:
                if episode.first_ms <= late.spoken_ms <= episode.last_ms:
                    self._move(late, [])

    def _move(self, late: _Late, outcome: ArrivalOutcome) -> None:
        """Count a packet's sound by another outcome."""
        weight = late.heard_ms * math.exp((late.spoken_ms - self._spoken_ms) / MEMORY_MS)
        for late_ms, gain in late.outcome:
            at = _bin(late_ms)
            self.weights[at] = max(0.0, self.weights[at] - gain * weight)
        for late_ms, gain in outcome:
            self.weights[_bin(late_ms)] += gain * weight
        late.outcome = outcome

    def rise(self, by_ms: float) -> None:
        """Count the last packets anew from a floor that is `by_ms` higher.

        A longer way is not lateness: only the packets that met the change were late, until the delay had followed.
        """
        self._risen_ms += by_ms
        if self._risen_ms < RISE_MS:
            return
        by_ms, self._risen_ms = self._risen_ms, 0.0
        since_ms = max(self._spoken_ms - FLOOR_MS, self._stream_ms)
        surprised_ms = 0.0
        for late in self._late:
            if late.spoken_ms <= since_ms or _latest(late.outcome) < by_ms:
                continue
            surprised_ms += late.heard_ms
            if surprised_ms > SURPRISE_MS:
                self._move(late, [(max(0.0, late_ms - by_ms), gain) for late_ms, gain in late.outcome])


def _latest(outcome: ArrivalOutcome) -> float:
    return max((late_ms for late_ms, _ in outcome), default=0.0)


def _bin(late_ms: float) -> int:
    return math.ceil(min(max(late_ms, 0.0), BINS - 1.0))
