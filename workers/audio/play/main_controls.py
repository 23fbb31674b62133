"""Gain, delay and mute of the main output alone, after the mix. No I/O, no clock.

Pages, recorder and the further outputs take the mix before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES
from workers.audio.mix.chain import Chain
from workers.audio.mix.limiter import Limiter
from workers.audio.mix.mixer import Gain, gain_factor
from workers.audio.mix.panning import SIDES, StereoLimiter
from workers.audio.mix.talker_frames import MixStep
from workers.audio.mix.video_delay import VideoDelay

_RAMP = (np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32)) / FRAME_SAMPLES


class MainControls:
    """The source of the main output's renderer. `frame` is for the sink's thread, and another may call `set`.

    Without settings of its own the frames pass bit by bit.
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._gain = Gain()
        self._delay = VideoDelay(chain.rows)
        self._own_delay = False
        self._limiters = [Limiter() for _ in range(chain.rows - SIDES)]
        self._stereo = StereoLimiter(self._limiters[0])
        self._is_limited = False
        self._frame = np.zeros((chain.rows, FRAME_SAMPLES), np.float32)
        self._limited = np.zeros((chain.rows, FRAME_SAMPLES), np.float32)

    @property
    def rows(self) -> int:
        return self._chain.rows

    @property
    def surplus_ns(self) -> float:
        return self._chain.surplus_ns

    def begin_run(self) -> None:
        self._chain.begin_run()

    def set(self, gain_db: float, *, delay_ms: float | None, muted: bool) -> None:
        """Change the gain, the delay in place of the mix's (None: the mix's), and the mute."""
        self._own_delay = delay_ms is not None
        if delay_ms is not None:
            self._delay.set_ms(delay_ms)
        self._gain.change_to(0.0 if muted else gain_factor(gain_db))

    def feed_outputs(self, *, is_needed: bool) -> None:
        """Say whether there are further outputs, which take the mix of the same chain."""
        self._chain.feed_outputs(is_needed=is_needed)

    def frame(self, heard_ns: float, asked_ns: int, block_ns: float = 0.0) -> tuple[NDArray[np.float32], MixStep]:
        """Return the next frame, see `Chain.frame`."""
        _, step = self._chain.frame(heard_ns, asked_ns, block_ns)
        frame = self._frame
        np.copyto(frame, self._chain.undelayed)
        if not self._own_delay:
            self._delay.follow(self._chain.delay)
        self._delay.process(frame)
        self._gain.apply(frame)
        self._limit(is_wanted=self._gain.wanted > 1.0)
        return frame, step

    def _limit(self, *, is_wanted: bool) -> None:
        """Limit what a gain above 0 dB makes too loud. The limiter's millisecond is cross-faded in and out."""
        if not is_wanted and not self._is_limited:
            return
        frame, limited = self._frame, self._limited
        np.copyto(limited, frame)
        self._stereo.process(limited, is_wide=self._chain.stereo.is_wide)
        for row, limiter in zip(limited[1:-SIDES], self._limiters[1:], strict=True):
            limiter.process(row)
        if is_wanted and self._is_limited:
            np.copyto(frame, limited)
        else:
            limited -= frame
            limited *= _RAMP if is_wanted else 1 - _RAMP
            frame += limited
        np.clip(frame[:-SIDES], -1.0, 1.0, out=frame[:-SIDES])  # of the cross-fade
        self._is_limited = is_wanted
