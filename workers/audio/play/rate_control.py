"""The device's clock against media's: how many parts per million faster or slower the mix must run. No I/O, no clock.

The measure is the buffer's fill as the time from a frame's tick until it is heard. A slow proportional-integral control
without steps holds it at its value after the device began. Jumps of whole frames (an underrun, a dropped frame of
silence) are known and move the aim. So does what frames wait longer than they need to (`headroom`), slowly.

`benchmarks.sound.drift` holds the constants of the control to an hour without a drop, a repeat or a click.
"""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_MS, AudioFrame
from workers.audio.mix.talker_frames import MixStep

MOST_PPM = 1000.0
"""The largest change of the ratio for the device's clock, twice what `benchmarks.sound.drift` tries."""
SLEW_PPM_S = 30.0
"""The most that each part of the ratio, which follows the clock or takes a surplus away, may change in a second."""
_FRAME_S = FRAME_MS / 1000
_FRAME_NS = FRAME_MS * 1_000_000
_BEGIN_FRAMES = 50
"""Frames after opening in which a device does not yet take sound at its pace."""
_SETTLE_FRAMES = 200
"""Frames whose mean gives the fill to hold."""
_SMOOTH_S = 2.0
"""Time constant that evens out callbacks some milliseconds early or late."""
_PROPORTIONAL = 1 / 15
"""Of the error, per second."""
_INTEGRAL = _PROPORTIONAL**2 / 4
STEER_PPM = 150.0
"""The largest change of the ratio that takes a surplus away: a quarter of a cent of pitch, and 10 ms in a minute."""
_STEER_PPM_MS = 60.0
"""The same for each millisecond of a small surplus, so that it ends without a step."""
_STEER_DEAD_MS = 0.5
"""A surplus up to this is left, since the mean of a window is no more exact."""
_FAR_MS = 2.0
"""An error of this size doubles the response."""
_OUTLIER_NS = 3_000_000
"""A callback this far from the usual time was late and is ignored."""
_OUTLIER_FRAMES = 20
"""If it stays this far off for as many frames, the device or the process had stopped, since no clock jumps. The present
fill is then held, and `headroom` corrects the surplus."""


class RateControl:
    """The control. Call `measure` for each frame heard."""

    def __init__(self) -> None:
        self.following_ppm = 0.0
        """How much faster than media's ticks the device's clock runs."""
        self._steering_ppm = 0.0
        self._integral = 0.0
        self._lags_ns = np.zeros(_SETTLE_FRAMES)
        self._boot = ""
        self._tick = 0
        self.restart()

    @property
    def ppm(self) -> float:
        """How much faster than media's ticks the mix runs."""
        return self.following_ppm + self._steering_ppm

    def restart(self) -> None:
        """Hold the present fill. The estimate of the device's clock stays."""
        self._aim_ns: float | None = None
        self._error_ns = 0.0
        self._settled = 0
        self._outliers = 0

    def measure(self, step: MixStep, heard_ns: float, surplus_ns: float = 0.0) -> None:
        """Measure that the sink takes the first sample of `step` at `heard_ns`.

        `surplus_ns` is how much longer frames wait than they need to.
        """
        self._tick += 1
        self._steer(surplus_ns / 1e6)
        if not step.parts:
            return
        frame = step.parts[0].frame
        self._track_ticks(frame)
        lag_ns = heard_ns - frame.tick_ns - (frame.drift_ns or 0)
        if self._aim_ns is None:
            self._settle(lag_ns)
            return
        error_ns = lag_ns - self._aim_ns
        if abs(error_ns - self._error_ns) > _OUTLIER_NS:
            self._outliers += 1
            if self._outliers >= _OUTLIER_FRAMES:
                self.restart()
            return
        self._outliers = 0
        self._error_ns += (error_ns - self._error_ns) * _FRAME_S / _SMOOTH_S
        self._control(self._error_ns / 1e6)

    def _steer(self, surplus_ms: float) -> None:
        """Move the aim towards a wait without surplus, and run faster or slower by just that."""
        wanted = 0.0
        if self._aim_ns is not None and abs(surplus_ms) > _STEER_DEAD_MS:
            wanted = max(-STEER_PPM, min(STEER_PPM, surplus_ms * _STEER_PPM_MS))
        self._steering_ppm = _slewed(self._steering_ppm, wanted)
        if self._aim_ns is not None:
            self._aim_ns -= self._steering_ppm * 1e-6 * _FRAME_NS

    def _track_ticks(self, frame: AudioFrame) -> None:
        """Move the aim by skipped ticks and waits for ticks, which are not the clock's doing."""
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
        self._follow(self._integral)
        number = self._settled - _BEGIN_FRAMES
        self._settled += 1
        if number >= 0:
            self._lags_ns[number] = lag_ns
        if number == _SETTLE_FRAMES - 1:
            self._aim_ns = self._usual_ns()

    def _usual_ns(self) -> float:
        """Return the mean lag without outliers."""
        lags = self._lags_ns
        lags.sort()
        usual = lags[_SETTLE_FRAMES // 2]
        return float(
            lags[np.searchsorted(lags, usual - _OUTLIER_NS) : np.searchsorted(lags, usual + _OUTLIER_NS)].mean()
        )

    def _control(self, error_ms: float) -> None:
        urgency = 1 + min(3.0, (error_ms / _FAR_MS) ** 2)
        self._integral += error_ms * 1000 * urgency * _INTEGRAL * _FRAME_S
        self._integral = max(-MOST_PPM, min(MOST_PPM, self._integral))
        self._follow(self._integral + error_ms * 1000 * urgency * _PROPORTIONAL)

    def _follow(self, wanted_ppm: float) -> None:
        self.following_ppm = _slewed(self.following_ppm, max(-MOST_PPM, min(MOST_PPM, wanted_ppm)))


def _slewed(ppm: float, wanted_ppm: float) -> float:
    """Return `ppm` after a frame on the way to `wanted_ppm`."""
    most = SLEW_PPM_S * _FRAME_S
    return ppm + max(-most, min(most, wanted_ppm - ppm))
