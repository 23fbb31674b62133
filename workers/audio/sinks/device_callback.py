"""PortAudio's callback for one run of a device, in a thread of the library: no logging, no locks, no waiting.

It makes the mix from queued frames. Another thread that filled a ring ahead would add one block of delay (5 ms with
PulseAudio), and would need the GIL as well. All sample arrays are allocated once. The callback then allocates only
small, short-lived interpreter objects from pools: views of arrays (sounddevice's too), a `MixStep` per frame, a
dictionary per tick. A new talker and an overflowed queue cost some more, once.
tests/workers/audio/play/test_callback.py counts.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from workers.audio.mix.panning import SIDES
from workers.audio.sinks import Render

STEADY_S = 0.2
"""Sound that a stalled device must take, besides twice its buffer, before it is used again."""
_INSTANTS, _INSTANT_S = 200, 0.0005
"""Number and length of the waits for a running callback."""
_LONGEST_BLOCK = 1 << 14
"""Samples that a device may ask for at once, a third of a second."""
_MOST_LATENCY_S = 2.0
"""A longer latency, as the device reports it, is ignored."""


class DeviceCallback:
    """Other threads only read its counters. `play` and `park` are for one of them."""

    def __init__(self, rows: int) -> None:
        """`rows` counts the mix and each channel that talkers are routed to. The mix's sides come besides."""
        self.taken = 0
        """Samples that the device took."""
        self.calls = 0
        self.block = 0
        """Samples that the device took in the last call."""
        self.underflows = 0
        self.latency_s = 0.0
        self.fault: BaseException | None = None
        self._render: Render | None = None
        self._rows = np.zeros((rows + SIDES, _LONGEST_BLOCK), np.float32)
        self._filled = self._rows[:, :0]
        self._places: tuple[int, ...] = ()
        self._abort: type[BaseException] = BaseException
        self._called_ns = 0
        self._parked_at = 0
        self._is_busy = False

    def prepare(self, places: tuple[int, ...], abort: type[BaseException]) -> None:
        """Set the stream's channel of each row after the mix, and the exception that ends the stream."""
        self._places, self._abort = places, abort

    def set_latency(self, latency_s: float) -> None:
        self.latency_s = latency_s

    def play(self, render: Render) -> None:
        self._render = render

    def park(self) -> None:
        """Play silence from now on."""
        self._render = None
        for _ in range(_INSTANTS):
            if not self._is_busy:
                break
            time.sleep(_INSTANT_S)  # the callback is running, and nobody else may render meanwhile
        self._parked_at = self.taken

    @property
    def is_steady(self) -> bool:
        """Whether the device has taken sound for a while since `park`."""
        return self.taken - self._parked_at >= (STEADY_S + 2 * self.latency_s) * SAMPLE_RATE

    # --- PortAudio's thread ------------------------------------------------------------------------

    def run(self, out: NDArray[np.float32], frames: int, times: Any, status: Any) -> None:
        try:
            now_ns = time.monotonic_ns()
            self._is_busy = True
            render = self._render
            if render is None:
                out.fill(0)
            else:
                if self._filled.shape[1] != frames:
                    self._filled = self._rows[:, :frames]
                render(self._filled, now_ns)
                self._spread(self._filled, out)
            self._is_busy = False
            self.taken += frames
            self.calls += 1
            self.block = frames
            self.underflows += self._ran_dry(now_ns, frames) or bool(status.output_underflow)
            ahead_s = times.outputBufferDacTime - times.currentTime
            if times.currentTime > 0 and 0 < ahead_s < _MOST_LATENCY_S:
                self.latency_s = ahead_s
        except BaseException as error:
            self.fault = error
            raise self._abort from error

    def _spread(self, rows: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        mix = rows[0]
        if out.shape[1] == 1:
            out[:, 0] = mix
            return
        np.add(mix, rows[-2], out=out[:, 0])
        np.add(mix, rows[-1], out=out[:, 1])
        if out.shape[1] > 2:
            out[:, 2:] = 0
            for row, place in enumerate(self._places, 1):
                if place:
                    out[:, place] = rows[row]

    def _ran_dry(self, now_ns: int, frames: int) -> bool:
        """Whether the device's buffer was empty before this call. Its own flag does not show it (PulseAudio)."""
        before_ns, self._called_ns = self._called_ns, now_ns
        return before_ns > 0 and now_ns - before_ns > (self.latency_s + frames / SAMPLE_RATE) * 1e9
