"""Evens out what comes from the audio plane for a reader that plays at this machine's pace. No I/O, no clock.

The mix runs at the pace of its sound device, which may be off by hundreds of parts per million. A media player has a
clock of its own and no correction: what comes faster piles up, and what comes slower makes gaps. So the buffer's
smoothed fill is held at a target by resampling. In silence it is corrected at once. What is too much after a stall is
taken out of speech by its periods (`shortening`), and the target, which a stall raises, falls again (`spare_delay`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.dashboard.listen.audio_sources import Batch
from workers.dashboard.listen.shortening import ROOM, Shortening
from workers.dashboard.listen.spare_delay import SpareDelay

TARGET_MS = 50.0
"""Fill before a packet is read: that packet, 20 ms for a late batch, 10 ms for a clock that is off by 500 ppm."""
MOST_MS = 300.0
"""The target after many underruns."""
MAX_PPM = 2000.0
_GAIN_PER_S = 0.05
"""An error of 10 ms is corrected at 500 ppm."""
_SMOOTH_S = 2.0
_MORE_MS = 15.0
"""The target rises by that at each underrun."""
_EXCESS_MS = 250.0
"""More than that above the target is dropped, because this process was suspended."""
_SKIP_MS = 15.0
"""This far from the target, silence is cut or stretched, and speech is shortened. A clock that is off by 500 ppm keeps
the fill 10 ms off."""
_FADE = SAMPLE_RATE * 2 // 1000
_ROOM = SAMPLE_RATE * 2
_EDGE = 4
"""Samples that the interpolation needs around the one that sounds."""


def _samples(ms: float) -> float:
    return ms * SAMPLE_RATE / 1000


class PacedBuffer:
    """A buffer from one source to one reader."""

    def __init__(self, target_ms: float = TARGET_MS, channels: int = 1) -> None:
        self._channels = channels
        self._least = self._target = _samples(target_ms)
        self._ring = np.zeros((channels, _ROOM), np.float32)
        self._count = 2
        """Samples held, with two of silence before the first."""
        self._at = 2.0
        """Where the next output lies among them."""
        self._smooth = self._target
        self._playing = False
        self._fades_in = False
        self._spare = SpareDelay()
        self._shortening = Shortening()
        self._gain = 1.0
        self._next: tuple[int, int] | None = None
        """Boot and tick of the frame that would continue the last one."""
        self.ppm = 0.0
        self.underruns = 0
        self.dropped_ms = 0.0

    @property
    def fill_ms(self) -> float:
        return (self._count - self._at) * 1000 / SAMPLE_RATE

    @property
    def target_ms(self) -> float:
        return self._target * 1000 / SAMPLE_RATE

    def write(self, batch: Batch, gain: float) -> None:
        """Add frames that are to sound at `gain`, a factor."""
        follows = self._next == (batch.boot, batch.tick)
        self._next = (batch.boot, batch.tick + len(batch.samples))
        if self._count + len(batch.samples) * FRAME_SAMPLES > _ROOM:
            self._forget()
        if self._count + len(batch.samples) * FRAME_SAMPLES > _ROOM:
            self._jump()
            self._forget()
        if not follows:
            self._end_softly()
        length = len(batch.samples) * FRAME_SAMPLES
        new = self._ring[:, self._count : self._count + length]
        new[:] = batch.channels(self._channels)
        before = self._gain if follows else gain
        new *= np.linspace(before, gain, length, dtype=np.float32) / np.float32(32768)
        if not follows:
            new[:, :_FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)
        self._gain = gain
        self._count += length

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next `count` samples of each channel, as rows. They are silence while nothing is there."""
        if not self._playing:
            if self._count - self._at < self._target:
                return np.zeros((self._channels, count), np.float32)
            self._playing = self._fades_in = True
            self._smooth = self._count - self._at
        if self._count - self._at > self._target + _samples(_EXCESS_MS):
            self._jump()
        self._forget()
        if self._count - self._at < count * (1 + MAX_PPM / 1e6) + _EDGE:
            return self._run_out(count)
        self._follow(count)
        made = self._interpolated(count, 1 + self.ppm / 1e6)
        self._lower_target(count)
        if self._fades_in:
            made[:, :_FADE] *= np.linspace(0, 1, _FADE, dtype=np.float32)
            self._fades_in = False
        return made

    def _follow(self, count: int) -> None:
        """Choose the ratio that brings the fill back to the target."""
        self._smooth += (self._count - self._at - self._smooth) * (count / SAMPLE_RATE / _SMOOTH_S)
        error = self._smooth - self._target
        self.ppm = max(-MAX_PPM, min(MAX_PPM, error / SAMPLE_RATE * _GAIN_PER_S * 1e6))
        if abs(error) <= _samples(_SKIP_MS):
            return
        step = 0
        if not self._ahead(count + count // 4).any():
            step = count // 4 if error > 0 else -count // 8
        elif error > 0 and self._count - self._at > ROOM + count * (1 + MAX_PPM / 1e6) + _EDGE:
            sound = self._ring[:, : self._count]
            step = self._shortening.take(sound, int(self._at), error, count)
        self._at += step
        self._smooth -= step

    def _lower_target(self, count: int) -> None:
        """Give back what stalls have made necessary, and is not any more."""
        fall_ms = self._spare.take((self._count - self._at) * 1000 / SAMPLE_RATE, count / SAMPLE_RATE)
        lower = max(self._least, self._target - _samples(fall_ms))
        if lower < self._target:
            self._target = lower
            self._spare.on_fall()

    def _ahead(self, count: int) -> NDArray[np.float32]:
        first = int(self._at) - 2
        return self._ring[:, max(0, first - count) : min(self._count, first + count + _EDGE)]

    def _interpolated(self, count: int, ratio: float) -> NDArray[np.float32]:
        """Return samples by a cubic through four neighbours, as the page does it."""
        places = self._at + np.arange(count) * ratio
        whole = places.astype(np.intp)
        t = (places - whole).astype(np.float32)
        a, b, c, d = (self._ring[:, whole + offset] for offset in (-1, 0, 1, 2))
        slope = (c - a) / 2
        curve = a - 2.5 * b + 2 * c - 0.5 * d
        made = ((((d - a) / 2 + 1.5 * (b - c)) * t + curve) * t + slope) * t + b
        self._at += count * ratio
        return np.asarray(made, np.float32)

    def _run_out(self, count: int) -> NDArray[np.float32]:
        """Return what is left, faded out, then silence, and wait for a longer buffer than before."""
        out = np.zeros((self._channels, count), np.float32)
        left = max(0, int(self._count - self._at) - _EDGE)
        if left:
            out[:, :left] = self._interpolated(left, 1.0) * np.linspace(1, 0, left, dtype=np.float32)
        self._playing = False
        self.underruns += 1
        self._spare.on_underrun()
        self._target = min(_samples(MOST_MS), self._target + _samples(_MORE_MS))
        return out

    def _end_softly(self) -> None:
        """Fade out what is there, because what comes does not continue it."""
        length = min(_FADE, int(self._count - self._at) - _EDGE)
        if length > 0:
            self._ring[:, self._count - length : self._count] *= np.linspace(1, 0, length, dtype=np.float32)

    def _jump(self) -> None:
        """Drop what is too old to be heard."""
        to = max(self._at, self._count - self._target)
        self.dropped_ms += (to - self._at) * 1000 / SAMPLE_RATE
        self._at = to
        self._smooth = self._count - self._at
        self._fades_in = True

    def _forget(self) -> None:
        """Free the room of what was heard."""
        used = int(self._at) - 2
        if used > _ROOM // 4:
            self._ring[:, : self._count - used] = self._ring[:, used : self._count].copy()
            self._count -= used
            self._at -= used
