"""The beginning of a run of a device, after which the queue is brought to its length. No I/O, no clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import MixStep

BEGIN_FRAMES = 100
"""Frames in which a device does not yet take sound at its pace. It takes its whole buffer at once, and may run dry.
Each frame that was not there then is a frame of delay. Chosen as twice what `rate_control` ignores at the beginning."""


class FreshStart:
    """The source of one run. People may speak already, so the delay is cut in speech, once, with a cross-fade."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._left = BEGIN_FRAMES

    @property
    def rows(self) -> int:
        return self._chain.rows

    @property
    def surplus_ns(self) -> float:
        return self._chain.surplus_ns

    def begin_run(self) -> None:
        self._chain.begin_run()

    def frame(self, heard_ns: float, asked_ns: int, block_ns: float = 0.0) -> tuple[NDArray[np.float32], MixStep]:
        """Return the next frame, see `Chain.frame`."""
        if self._left:
            self._left -= 1
            if not self._left:
                self._chain.queue.request_correction(None)
        return self._chain.frame(heard_ns, asked_ns, block_ns)
