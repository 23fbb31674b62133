"""Time scaling towards the target delay, which shortens or lengthens packets where it is inaudible.

`benchmarks.receive` measures the effect (traces drift-fast, drift-slow and spikes-300).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from common.basic import pitch
from common.bus.voice import stretch
from common.bus.voice.opus import Samples
from common.messages import FRAME_SAMPLES
from workers.media.receive.voice.noise_floor import NoiseFloor

SHARE = 0.2
"""Greatest local change of the speed of speech, chosen so that nobody sounds hurried."""
_SAVED_UP = 720
"""Cap of the saved allowance, in samples: one longest period (`pitch.LONGEST`). After a while
without a change a long period may be used at once."""
SPARE = 2880
"""A surplus up to this (60 ms in samples) is kept until the talker pauses, so that a sentence keeps its rhythm."""
SHORT = 1440
"""A deficit smaller than this (30 ms in samples) waits for a pause too."""
PAUSE = 14_400
"""Quiet samples in a row (300 ms) that count as a pause."""
_KEPT = 240
"""Quiet samples that are never cut (5 ms), room for the crossfade."""


class TimeScaler:
    """The time scaling of one talker."""

    def __init__(self) -> None:
        self.removed = 0
        """Samples removed so far."""
        self.inserted = 0
        """Samples inserted so far."""
        self._allowance = 0.0
        self._quiet = 0
        self.floor = NoiseFloor()

    def adjust(self, samples: Samples, surplus: int, *, urgent: bool = False) -> Samples:
        """Return `samples` shorter by up to `surplus`, or longer if it is negative.

        `urgent` means that the delay is above its cap. The best period is then used however weak its periodicity.
        """
        self._allowance = min(self._allowance + SHARE * len(samples), _SAVED_UP)
        powers = self.floor.record(samples)
        at, count = _quiet_run(powers < self.floor.quiet_power)
        self._quiet = self._quiet + len(samples) if count >= len(samples) // FRAME_SAMPLES * FRAME_SAMPLES else 0
        if not surplus or len(samples) < 2 * FRAME_SAMPLES or (-SHORT < surplus <= SPARE and self._quiet < PAUSE):
            return samples
        if count > 2 * _KEPT:
            changed = self._in_quiet(samples, surplus, at, count)
        elif surplus > SPARE or surplus < 0:
            changed = self._in_speech(samples, surplus, urgent=urgent)
        else:
            return samples
        change = len(changed) - len(samples)
        self.inserted += max(change, 0)
        self.removed += max(-change, 0)
        return changed

    def _in_quiet(self, samples: Samples, surplus: int, at: int, count: int) -> Samples:
        if surplus > 0:
            return stretch.cut(samples, at, min(surplus, count - _KEPT))
        return stretch.repeat(samples, at, min(-surplus, count - _KEPT))

    def _in_speech(self, samples: Samples, surplus: int, *, urgent: bool) -> Samples:
        if self._allowance < pitch.SHORTEST:
            return samples
        lag, alike = pitch.period(samples)
        if not lag or lag > self._allowance or (alike < pitch.ALIKE and not urgent):
            return samples
        if surplus > 0 and lag > surplus:
            return samples
        self._allowance -= lag
        return stretch.shorten(samples, lag) if surplus > 0 else stretch.lengthen(samples, lag)


def _quiet_run(quiet: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return (begin, length) in samples of the longest quiet stretch of 10 ms blocks."""
    best, begin = (0, 0), 0
    for index in range(len(quiet) + 1):
        if index == len(quiet) or not quiet[index]:
            best = max(best, (index - begin, begin))
            begin = index + 1
    return best[1] * FRAME_SAMPLES, best[0] * FRAME_SAMPLES
