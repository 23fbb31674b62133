"""The device's clock against media's: how many parts per million faster or slower the mix is to run. No I/O, no clock.

What counts is the buffer's fill, told as time: how long after its tick a frame is heard. It is held where it was when
the device began, by a slow proportional-integral control without steps; jumps of whole frames (an underrun, a frame
of silence left out) are known and move the aim along.
"""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_MS, AudioFrame
from workers.audio.playout import Step

MOST_PPM = 1000.0
SLEW_PPM_S = 30.0
"""The ratio changes by no more in a second."""
_FRAME_S = FRAME_MS / 1000
_FRAME_NS = FRAME_MS * 1_000_000
_BEGIN_FRAMES = 50
"""A device that was just opened does not yet take sound at its pace."""
_SETTLE_FRAMES = 200
"""So many frames tell where the fill is to be held."""
_SMOOTH_S = 2.0
"""Callbacks come some milliseconds early or late; that is evened out."""
_PROPORTIONAL = 1 / 15
"""Of the error, per second."""
_INTEGRAL = _PROPORTIONAL**2 / 4
_FAR_MS = 2.0
"""An error of so much doubles the answer to it."""
_ODD_NS = 3_000_000
"""So far from what is usual, a callback was late: it is left out."""
_ODD_FRAMES = 20
"""If it stays so, the device or the process stood still: no clock runs off at once. Then the fill is held as it is now,
and `spare` sees to what is too much."""


class Clock:
    """`note` each frame that is heard; `ppm` is how much faster than media's ticks the mix is to be taken."""

    def __init__(self) -> None:
        self.ppm = 0.0
        self._integral = 0.0
        self._aim_ns: float | None = None
        self._error_ns = 0.0
        self._lags_ns = np.zeros(_SETTLE_FRAMES)
        self._settled = 0
        self._odd = 0
        self._boot = ""
        self._tick = 0

    def restart(self) -> None:
        """Hold the fill that is found now; what is known of the device's clock stays."""
        self._aim_ns = None
        self._error_ns = 0.0
        self._settled = 0
        self._odd = 0

    def note(self, step: Step, heard_ns: float) -> None:
        """Take notice that the sink takes the first sample of `step` at `heard_ns`."""
        self._tick += 1
        if not step.parts:
            return
        frame = step.parts[0].frame
        self._follow(frame)
        lag_ns = heard_ns - frame.tick_ns
        if self._aim_ns is None:
            self._settle(lag_ns)
            return
        error_ns = lag_ns - self._aim_ns
        if abs(error_ns - self._error_ns) > _ODD_NS:
            self._odd += 1
            if self._odd >= _ODD_FRAMES:
                self.restart()
            return
        self._odd = 0
        self._error_ns += (error_ns - self._error_ns) * _FRAME_S / _SMOOTH_S
        self._steer(self._error_ns / 1e6)

    def _follow(self, frame: AudioFrame) -> None:
        """Move the aim along with what is not the clock's doing: ticks that were passed over, or waited for."""
        if frame.boot != self._boot:
            self._boot = frame.boot
            self.restart()
        elif frame.tick != self._tick:
            shift_ns = (self._tick - frame.tick) * _FRAME_NS
            if self._aim_ns is not None:
                self._aim_ns += shift_ns
            else:
                self.restart()
        self._tick = frame.tick

    def _settle(self, lag_ns: float) -> None:
        self._turn_to(self._integral)
        number = self._settled - _BEGIN_FRAMES
        self._settled += 1
        if number >= 0:
            self._lags_ns[number] = lag_ns
        if number == _SETTLE_FRAMES - 1:
            self._aim_ns = self._usual_ns()

    def _usual_ns(self) -> float:
        """Return the mean of what was found, without what is odd."""
        lags = self._lags_ns
        lags.sort()
        usual = lags[_SETTLE_FRAMES // 2]
        return float(lags[np.searchsorted(lags, usual - _ODD_NS) : np.searchsorted(lags, usual + _ODD_NS)].mean())

    def _steer(self, error_ms: float) -> None:
        urgency = 1 + min(3.0, (error_ms / _FAR_MS) ** 2)
        self._integral += error_ms * 1000 * urgency * _INTEGRAL * _FRAME_S
        self._integral = max(-MOST_PPM, min(MOST_PPM, self._integral))
        self._turn_to(self._integral + error_ms * 1000 * urgency * _PROPORTIONAL)

    def _turn_to(self, wanted: float) -> None:
        wanted = max(-MOST_PPM, min(MOST_PPM, wanted))
        most = SLEW_PPM_S * _FRAME_S
        self.ppm += max(-most, min(most, wanted - self.ppm))
