"""A recording of a sink beside what was said: how well and where its pieces fit, and where it is silent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from tests.support.correlate import Match, best_match
from tests.support.soundserver import Recording

BLOCK = SAMPLE_RATE // 100
SILENT = 0.0005
SEARCH_S, LOST_S = 0.6, 4.0
"""Where a piece is looked for before its moment, and after it: a suspended sink records nothing, and its recording then
seems to begin later than it did."""
ALIKE = 0.99


class HeardSink:
    """A recording beside what was said."""

    def __init__(self, recording: Recording, spoken: NDArray[np.int16], begun_ns: int) -> None:
        """`begun_ns` is the monotonic time at which the first sample of `spoken` was said."""
        self.samples = recording.samples
        self._begun = (recording.started_ns - begun_ns) * SAMPLE_RATE // 1_000_000_000
        self._spoken = spoken

    def matches(self, length: int) -> list[Match]:
        """Return how well each piece of `length` samples fits, and where in what was said within `SEARCH_S`."""
        found = []
        for at in range(0, len(self.samples) - length + 1, length):
            piece, first = self.samples[at : at + length], max(0, self._begun + at - round(SEARCH_S * SAMPLE_RATE))
            said = self._spoken[first : self._begun + at + length + round(LOST_S * SAMPLE_RATE)]
            if np.abs(piece).max() <= SILENT or len(said) < length or not said.any():
                found.append(Match(0, 0.0))
                continue
            match = best_match(said, piece, SAMPLE_RATE)
            found.append(Match(first + match.offset_samples, match.correlation))
        return found

    def lags_ms(self, length: int) -> list[float]:
        """Return how much later than it was said each piece that fits is heard."""
        return [
            (self._begun + number * length - match.offset_samples) * 1000 / SAMPLE_RATE
            for number, match in enumerate(self.matches(length))
            if match.correlation > ALIKE
        ]

    def silence_ms(self) -> int:
        """Return the longest run of silent blocks."""
        blocks = np.abs(self.samples[: len(self.samples) // BLOCK * BLOCK].reshape(-1, BLOCK)).max(axis=1)
        longest = run = 0
        for peak in blocks:
            run = run + 1 if peak < SILENT else 0
            longest = max(longest, run)
        return longest * 10

    def fitting(self) -> str:
        found = self.matches(SAMPLE_RATE // 5)
        return f"{sum(match.correlation > ALIKE for match in found)} of {len(found)}"
