"""Where a talker sounds between left and right, and the limiter of both channels. No I/O, no clock.

A frame has two rows besides the mix, its sides: what left and right have more than the mix. So the mix stays mono and
complete for whoever plays or records one channel, and the sides are silent while nobody is panned.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from common.basic.values import Pan
from common.messages import FRAME_SAMPLES
from workers.audio.mix.limiter import Limiter

SIDES = 2
"""The last rows of a frame: left minus mix, right minus mix."""
HOLD_FRAMES = 300
"""Frames after the last panned sound in which both channels are still limited together. Chosen as twenty times the
limiter's release, after which it makes no difference any more."""


def side_factors(pan: Pan) -> tuple[float, float]:
    """Return what of a talker's sound the sides get.

    Constant power: the middle is unchanged, and a voice at the edge is 3 dB louder on the one side alone.
    """
    if pan == 0:
        return 0.0, 0.0
    angle = (1 + pan) * math.pi / 4
    return math.sqrt(2) * math.cos(angle) - 1, math.sqrt(2) * math.sin(angle) - 1


class StereoLimiter:
    """Limits the mix, and left and right by one gain, because a voice would move with each peak otherwise.

    It costs one limiter while nobody is panned.
    """

    def __init__(self, mix: Limiter) -> None:
        """`mix` is the limiter of the mix, whose frames pass it in any case."""
        self._mix = mix
        self._both = Limiter(SIDES)
        self._left_frames = 0
        self._channels = np.zeros((SIDES, FRAME_SAMPLES), np.float32)
        self._left, self._right = self._channels

    @property
    def is_wide(self) -> bool:
        """Whether left and right of the last frame differ from the mix."""
        return self._left_frames > 0

    def process(self, frame: NDArray[np.float32], *, is_wide: bool) -> None:
        """Limit the first row of `frame` and its sides in place. `is_wide`: somebody who is panned sounds in it."""
        if is_wide:
            if not self._left_frames:
                self._both.follow(self._mix)
            self._left_frames = HOLD_FRAMES
        elif self._left_frames:
            self._left_frames -= 1
        mix, left, right = frame[0], frame[-2], frame[-1]
        if not self._left_frames:
            self._mix.process(mix)
            left.fill(0)
            right.fill(0)
            return
        np.add(mix, left, out=self._left)
        np.add(mix, right, out=self._right)
        self._mix.process(mix)
        self._both.process(self._left, self._right)
        np.subtract(self._left, mix, out=left)
        np.subtract(self._right, mix, out=right)

    def peak(self, frame: NDArray[np.float32]) -> float:
        """Return the highest sample of the mix, of left and of right in a limited `frame`."""
        mix = frame[0]
        peak = max(float(mix.max()), -float(mix.min()))
        if self.is_wide:
            for side, channel in zip(frame[-SIDES:], self._channels, strict=True):
                np.add(mix, side, out=channel)
                peak = max(peak, float(channel.max()), -float(channel.min()))
        return peak
