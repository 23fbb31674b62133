"""Noise suppression of one talker, switched on and off with a cross-fade. No I/O, no clock.

A suppressor is made in the background, and hears the talker for a moment before it is heard itself. Its delay moves the
talker's sound, never the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES
from workers.audio.mix.voices.suppressor import Suppressor, SuppressorError

WARM_FRAMES = 20
"""Frames that a suppressor takes before it is heard, 0.2 s. Chosen to let it fill its delay and find the noise."""
_RAMP = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES

Order = Callable[[], "Future[Suppressor]"]
"""Begins to make a suppressor in another thread."""


class Suppression:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._ordered: Future[Suppressor] | None = None
        self._suppressor: Suppressor | None = None
        self._is_heard = False
        self._warm = 0
        self._out = np.zeros(FRAME_SAMPLES, np.float32)
        self.fault: SuppressorError | None = None
        """Why there is no suppressor. It is not ordered again before it was switched off."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to be done after it was switched off."""
        return self._suppressor is None and self._ordered is None and self.fault is None

    @property
    def delay_frames(self) -> int:
        """Frames by which the sound is late now."""
        return self._suppressor.delay_frames if self._is_heard and self._suppressor else 0

    def process(self, frame: NDArray[np.float32], *, wanted: bool, paused: bool = False) -> None:
        """Suppress the noise of `frame`, in place. While `paused` the suppressor is kept, and not heard."""
        if wanted and self._suppressor is None:
            self._obtain()
        elif not wanted and not self._is_heard:
            self.close()
        suppressor = self._suppressor
        if suppressor is None:
            return
        if paused and not self._is_heard:
            self._warm = 0
            return
        suppressor.process(frame, self._out)
        self._warm += 1
        heard = wanted and not paused and self._warm > WARM_FRAMES
        if heard != self._is_heard:
            self._is_heard = heard
            self._warm = WARM_FRAMES if heard else 0
            part = _RAMP if heard else 1 - _RAMP
            frame += (self._out - frame) * part
        elif heard:
            np.copyto(frame, self._out)

    def _obtain(self) -> None:
        if self.fault is not None:
            return
        if self._ordered is None:
            self._ordered = self._order()
        if self._ordered.done():
            ordered, self._ordered = self._ordered, None
            try:
                self._suppressor = ordered.result()
            except SuppressorError as error:
                self.fault = error
            self._warm = 0

    def close(self) -> None:
        """Free the suppressor, also one that is being made."""
        ordered, self._ordered = self._ordered, None
        suppressor, self._suppressor = self._suppressor, None
        self._is_heard = False
        self.fault = None
        if suppressor is not None:
            suppressor.close()
        if ordered is not None:
            ordered.add_done_callback(_free)


def _free(made: Future[Suppressor]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close()
