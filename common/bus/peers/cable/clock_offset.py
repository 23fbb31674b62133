"""How another machine's clock stands to ours, from questions and answers over the network. No I/O, no clock.

An answer was given at some time between question and reply, so the quicker it came the more it says. The offset is a
line through the answers of the last minutes. Each weighs by how much longer it took than the quickest one. The line's
slope is how much faster the other clock runs.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import msgspec
import numpy as np

WINDOW_S = 300.0
"""Answers that count. Chosen to be short against the time in which a machine's temperature changes, and so its pace."""
SURE_S = 20e-6
"""How exact the quickest answer is taken to be: the time of a few system calls and of waking up on an idle machine."""
USUAL_PPM = 50.0
"""How fast another clock may be expected to run away (one standard deviation) before it is measured. Crystals of
computers are sold with a tolerance of 20 to 100 ppm."""
MOST_PPM = 500.0
"""No crystal is worse. What this cannot explain is a step of a clock."""
STEP_S = 0.005
"""A smaller contradiction is put down to the line, not to a step."""
STEPS = 3
"""So many answers in a row that contradict the line are a step of one of the clocks. Then it begins anew."""


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """One machine's clocks, read at the same moment."""

    boot_s: float
    """Seconds since the boot, time asleep included."""
    monotonic_s: float
    """Seconds of the clock of `AudioFrame.tick_ns`, which may stand still in sleep."""
    boot: str = ""
    """Which boot of that machine it is."""


class _Answer(NamedTuple):
    at_s: float
    offset_s: float
    round_trip_s: float


class ClockOffset:
    """The other machine's `boot_s` minus ours. Call `record` for each answer."""

    def __init__(self) -> None:
        self.restarts = 0
        """How often a clock stepped, or the other machine was booted anew."""
        self.asleep_s: float | None = None
        """The other machine's `boot_s` minus its `monotonic_s`."""
        self._boot = ""
        self._answers: deque[_Answer] = deque()
        self._contradicting: list[_Answer] = []
        self._at_s = self._offset_s = self._slope = 0.0

    @property
    def known(self) -> bool:
        return bool(self._answers)

    @property
    def ppm(self) -> float:
        """How much faster the other clock runs, in parts per million."""
        return self._slope * 1e6

    @property
    def round_trip_s(self) -> float | None:
        """The time that the quickest of the counted answers took."""
        return min(answer.round_trip_s for answer in self._answers) if self._answers else None

    def offset_s(self, now_s: float) -> float | None:
        """Return the offset at our `boot_s`, None before the first answer."""
        return self._offset_s + self._slope * (now_s - self._at_s) if self._answers else None

    def record(self, asked_s: float, answered_s: float, theirs: ClockReading) -> None:
        """Record an answer between two readings of our `boot_s`."""
        if theirs.boot != self._boot:
            self.restarts += bool(self._answers)
            self._boot = theirs.boot
            self._forget()
        self.asleep_s = theirs.boot_s - theirs.monotonic_s
        answer = _Answer(answered_s, theirs.boot_s - (asked_s + answered_s) / 2, answered_s - asked_s)
        if not self._contradicts(answer):
            self._contradicting.clear()
            self._learn(answer)
            return
        self._contradicting.append(answer)
        if len(self._contradicting) >= STEPS:
            stepped = list(self._contradicting)
            self.restarts += 1
            self._forget()
            for one in stepped:
                self._learn(one)

    def _forget(self) -> None:
        self._answers.clear()
        self._contradicting.clear()

    def _contradicts(self, answer: _Answer) -> bool:
        expected = self.offset_s(answer.at_s)
        if expected is None:
            return False
        unsure = answer.round_trip_s / 2 + STEP_S + MOST_PPM * 1e-6 * (answer.at_s - self._answers[-1].at_s)
        return abs(answer.offset_s - expected) > unsure

    def _learn(self, answer: _Answer) -> None:
        answers = self._answers
        answers.append(answer)
        while answer.at_s - answers[0].at_s > WINDOW_S:
            answers.popleft()
        self._fit(answer.at_s)

    def _fit(self, now_s: float) -> None:
        """Fit the line, with `USUAL_PPM` as what is known of its slope beforehand."""
        at, offset, trip = np.array(self._answers).T
        weight = 1.0 / (SURE_S + (trip - trip.min()) / 2) ** 2
        middle_at, middle = np.average(at, weights=weight), np.average(offset, weights=weight)
        spread = float(np.sum(weight * (at - middle_at) ** 2)) + 1.0 / (USUAL_PPM * 1e-6) ** 2
        slope = float(np.sum(weight * (at - middle_at) * (offset - middle))) / spread
        self._slope = max(-MOST_PPM * 1e-6, min(MOST_PPM * 1e-6, slope))
        self._at_s = now_s
        # no answer is wrong by more than half its round trip, and no clock has run away faster than the worst since
        margin = SURE_S + trip / 2 + MOST_PPM * 1e-6 * (now_s - at)
        lowest, highest = float(np.max(offset - margin)), float(np.min(offset + margin))
        line = float(middle + self._slope * (now_s - middle_at))
        self._offset_s = min(max(line, lowest), highest) if lowest <= highest else line
