"""Takes a piece out of sound that waits, where nobody hears it: a period of a voice, or quiet. No I/O, no clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.basic import pitch

ROOM = pitch.LEAST
"""Samples that have to wait."""
QUIET = 10 ** (-50 / 20)
"""Below this, -50 dBFS, any piece may go. Chosen well below speech."""
QUIET_PIECE = 240
"""5 ms."""
SHARE = 0.05
"""Greatest change of the speed of speech. Chosen as a quarter of what media does to a single voice, since a mix has the
periods of several."""
_BEFORE = 4
"""Samples before the present place that the interpolation still needs."""


class Shortening:
    """`take` is called for each packet of `count` samples while there is too much."""

    def __init__(self) -> None:
        self._allowance = 0.0
        self.taken = 0
        """Samples taken out so far."""

    def take(self, sound: NDArray[np.float32], at: int, most: float, count: int) -> int:
        """Take up to `most` samples out of `sound` (rows of samples) behind `at`, in place.

        Return how many: the sound goes on so much later in it.
        """
        self._allowance = min(self._allowance + SHARE * count, float(pitch.LONGEST))
        length = self._piece(sound[:, at : at + ROOM]) if at >= _BEFORE else 0
        if not length or length > min(most, self._allowance):
            return 0
        up = np.linspace(0, 1, length, dtype=np.float32)
        first, second = sound[:, at : at + length], sound[:, at + length : at + 2 * length]
        second *= up
        second += first * (1 - up)
        sound[:, at + length - _BEFORE : at + length] = sound[:, at - _BEFORE : at].copy()
        self._allowance -= length
        self.taken += length
        return length

    @staticmethod
    def _piece(ahead: NDArray[np.float32]) -> int:
        """Return the length of what may go from the beginning of what waits, or 0."""
        if ahead.shape[1] < ROOM:
            return 0
        if float(np.abs(ahead).max()) < QUIET:
            return QUIET_PIECE
        length, alike = pitch.period(ahead.mean(axis=0) * np.float32(32768))
        return length if alike >= pitch.ALIKE else 0
