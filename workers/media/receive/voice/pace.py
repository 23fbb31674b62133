"""How the delay comes to its target: by a little more or less of each packet's sound, where it is not heard."""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_SAMPLES
from workers.media.receive.voice import stretch
from workers.media.receive.voice.conceal import QUIET_DB
from workers.media.receive.voice.opus import Samples

SHARE = 0.2
"""Speech is sped up or slowed down by this at most, locally."""
_SAVED_UP = 720
"""A long period may be taken at once, when nothing was taken for a while."""
SPARE = 2880
"""Up to so many samples of surplus (60 ms) are kept until the talker pauses: within a sentence the rhythm stays."""
SHORT = 1440
"""Less than so many samples short of the target (30 ms) waits as well."""
PAUSE = 14_400
"""Quiet samples in a row (300 ms) that make a pause."""
_KEPT = 240
_QUIET = (10.0 ** (QUIET_DB / 20.0) * 32768.0) ** 2


class Pace:
    """One talker's pace."""

    def __init__(self) -> None:
        self.removed = 0
        """Samples left out so far."""
        self.inserted = 0
        """Samples added so far."""
        self._allowance = 0.0
        self._quiet = 0

    def adjust(self, samples: Samples, surplus: int, *, urgent: bool = False) -> Samples:
        """Return `samples` shorter by up to `surplus`, or longer if it is negative.

        `urgent`: the delay is beyond its cap; then the best period is taken however little it repeats itself.
        """
        self._allowance = min(self._allowance + SHARE * len(samples), _SAVED_UP)
        at, count = _quiet_run(samples)
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
        if self._allowance < stretch.SHORTEST:
            return samples
        lag, alike = stretch.period(samples)
        if not lag or lag > self._allowance or (alike < stretch.ALIKE and not urgent):
            return samples
        if surplus > 0 and lag > surplus:
            return samples
        self._allowance -= lag
        return stretch.shorten(samples, lag) if surplus > 0 else stretch.lengthen(samples, lag)


def _quiet_run(samples: Samples) -> tuple[int, int]:
    """Return (begin, length) of the longest quiet stretch, in samples."""
    blocks = len(samples) // FRAME_SAMPLES
    values = samples[: blocks * FRAME_SAMPLES].astype(np.float32).reshape(blocks, FRAME_SAMPLES)
    power = np.einsum("ij,ij->i", values, values) / FRAME_SAMPLES
    best, begin = (0, 0), 0
    for index in range(blocks + 1):
        if index == blocks or power[index] >= _QUIET:
            best = max(best, (index - begin, begin))
            begin = index + 1
    return best[1] * FRAME_SAMPLES, best[0] * FRAME_SAMPLES
