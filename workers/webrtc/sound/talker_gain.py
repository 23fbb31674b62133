"""A frame's samples as rows of the stream's channels, at the gain that a talker has in the mix. No I/O."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.bus.stereo import StereoFrame
from common.messages import FRAME_SAMPLES

_LOWEST, _HIGHEST = -32768, 32767


class TalkerGain:
    """Follows the gain of one stream without a step."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._gain = 1.0

    def rows(self, found: StereoFrame, gain: float) -> NDArray[np.int16]:
        """Return the frame's samples, a row for each time. The gain moves within the frame."""
        before, self._gain = self._gain, gain
        out = np.zeros((FRAME_SAMPLES, self._channels), np.int16)
        if found.sides is not None and self._channels == 2:
            for channel, samples in enumerate(found.sides):
                if samples:
                    out[:, channel] = np.frombuffer(samples, "<i2")
        elif found.samples:
            out[:] = np.frombuffer(found.samples, "<i2")[:, np.newaxis]
        if before == gain == 1.0:
            return out
        ramp = np.linspace(before, gain, FRAME_SAMPLES, dtype=np.float32)[:, np.newaxis]
        return np.asarray(np.clip(np.rint(out * ramp), _LOWEST, _HIGHEST), np.int16)
