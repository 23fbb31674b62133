"""A talker's sound while frames of another machine are late: the last pitch period, fading. No I/O, no clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.bus.voice.conceal import FADE_TO_SAMPLES, fade
from common.bus.voice.extend import PAST, Extension
from common.messages import FRAME_SAMPLES

_FRAMES = -(-PAST // FRAME_SAMPLES)
_FULL_SCALE = np.float32(32768)


class GapFiller:
    """The continuation of one talker. `record` what sounds, then call `more` for each frame that is not there."""

    def __init__(self) -> None:
        self._past = np.zeros((_FRAMES, FRAME_SAMPLES), np.float32)
        self._recorded = 0
        self._made_samples = 0
        self._extension: Extension | None = None

    def record(self, frame: NDArray[np.float32]) -> None:
        """Record a frame that sounds, ±1 full scale."""
        np.copyto(self._past[self._recorded % _FRAMES], frame)
        self._recorded += 1
        self._made_samples = 0

    def forget(self) -> None:
        """Forget the sound, because silence follows it."""
        self._recorded = self._made_samples = 0

    def more(self) -> NDArray[np.float32] | None:
        """Return the next frame, None if there is nothing to continue or it has faded out."""
        if self._recorded < _FRAMES or self._made_samples >= FADE_TO_SAMPLES:
            return None
        if not self._made_samples:
            past = np.roll(self._past, -self._recorded, axis=0).reshape(-1)
            self._extension = Extension(np.clip(np.rint(past * _FULL_SCALE), -32768, 32767).astype(np.int16))
        assert self._extension is not None
        made = self._extension.periods(self._made_samples, FRAME_SAMPLES)
        if made is None:
            return None
        faded = fade(made, self._made_samples)
        self._made_samples += FRAME_SAMPLES
        return (faded / _FULL_SCALE).astype(np.float32)

    def end_in(self, start: NDArray[np.float32], fade_out: NDArray[np.float32]) -> None:
        """Fade what was made up out into the `start` of the sound that is there again."""
        if self._made_samples and (made := self.more()) is not None:
            start += made[: len(start)] * fade_out
