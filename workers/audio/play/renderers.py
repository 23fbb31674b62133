"""The renderers, from the chain's frames to a sink's blocks: unchanged, or at the pace of a device's clock.

Each one belongs to one run of a sink and is used by its thread alone. The only clock measures the renderer itself.
Blocks are rows (see `Chain`) times any number of samples. A sink that wants only the mix passes one row, and takes the
sides with all rows.
"""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES
from workers.audio.mix.chain import NS_PER_SAMPLE
from workers.audio.mix.talker_frames import MixStep
from workers.audio.play.rate_control import RateControl
from workers.audio.play.resample import Resampler


class FrameSource(Protocol):
    """What a renderer takes its frames from: a `Chain`, or what stands behind one."""

    @property
    def rows(self) -> int: ...

    @property
    def surplus_ns(self) -> float:
        """How much longer frames wait than they need to, see `Headroom`."""

    def begin_run(self) -> None:
        """Say that a sink begins to play."""

    def frame(self, heard_ns: float, asked_ns: int, block_ns: float = 0.0) -> tuple[NDArray[np.float32], MixStep]:
        """Return the next frame, see `Chain.frame`."""


class DirectRenderer:
    """The direct renderer, bit by bit, for sinks on this machine's clock, which media uses too."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._frame = np.zeros((source.rows, FRAME_SAMPLES), np.float32)
        self._left = 0
        source.begin_run()

    def render(self, out: NDArray[np.float32], now_ns: int) -> None:
        """Fill `out`. `now_ns` is the monotonic time at which the sink takes its first sample."""
        filled, wanted = 0, out.shape[1]
        while filled < wanted:
            if not self._left:
                self._frame, _ = self._source.frame(now_ns + filled * NS_PER_SAMPLE, now_ns)
                self._left = FRAME_SAMPLES
            count = min(self._left, wanted - filled)
            start = FRAME_SAMPLES - self._left
            out[:, filled : filled + count] = self._frame[: len(out), start : start + count]
            self._left -= count
            filled += count


class ResampledRenderer:
    """The resampled renderer for devices. It follows the device's clock."""

    def __init__(self, source: FrameSource, rate_control: RateControl) -> None:
        self._source = source
        self._rate_control = rate_control
        self._resampler = Resampler(source.rows)
        self._now_ns = 0
        self._block_ns = 0.0
        self._slowest_ns = 0
        rate_control.restart()
        source.begin_run()

    def render(self, out: NDArray[np.float32], now_ns: int) -> None:
        """Fill all rows of `out`. `now_ns` is the monotonic time at which the sink takes its first sample."""
        self._now_ns, self._block_ns = now_ns, out.shape[1] * NS_PER_SAMPLE
        self._resampler.process(out, 1 + self._rate_control.ppm * 1e-6, self._pull)
        self._slowest_ns = max(self._slowest_ns, time.monotonic_ns() - now_ns)

    def take_slowest_ms(self) -> float:
        """Return the longest time from `now_ns` to a filled block since the last reading."""
        slowest_ns, self._slowest_ns = self._slowest_ns, 0
        return slowest_ns / 1e6

    def _pull(self, ahead: float) -> NDArray[np.float32]:
        heard_ns = self._now_ns + ahead * NS_PER_SAMPLE
        frame, step = self._source.frame(heard_ns, self._now_ns, self._block_ns)
        self._rate_control.measure(step, heard_ns, self._source.surplus_ns)
        return frame
