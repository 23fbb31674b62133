"""The extension of speech by its last pitch period, where there is no decoder that conceals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from common.basic import pitch
from common.bus.voice import stretch
from common.bus.voice.opus import Samples

PAST = pitch.LEAST
"""Samples of the last real sound that are needed."""
VOICED = 0.5
"""Least normalised correlation of two periods that are repeated. Weaker ones are noise."""


class Extension:
    """The continuation of one moment's sound."""

    def __init__(self, past: Samples) -> None:
        self._period: npt.NDArray[np.float32] | None = None
        lag, alike = pitch.period(past[::-1])
        if lag and alike >= VOICED:
            last, before = past[-lag:], past[-2 * lag : -lag]
            seam = min(lag // 4, 120)
            self._period = last.astype(np.float32)
            self._period[-seam:] = stretch.blend(last[-seam:], before[-seam:])

    def periods(self, done: int, count: int) -> Samples | None:
        """Return `count` samples from `done` samples after the last real one on, None if that was no voice."""
        if self._period is None:
            return None
        repeated: Samples = np.rint(self._period[np.arange(done, done + count) % len(self._period)]).astype(np.int16)
        return repeated
