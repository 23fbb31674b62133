"""The lag of one sound behind another, from their loudness alone: OBS's meters, and frames of 10 ms. No I/O, no clock.

OBS tells each source's peak twenty times a second. For each lag, the frames say what the meter should have shown. The
lag at which both agree best is the answer. `benchmarks.sound.lip_sync` says how good it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

METER_S = 0.05
"""Time between two readings of OBS's meters (obs-websocket's event InputVolumeMeters)."""
FLOOR_DB = -50.0
"""Below that is a room, not a voice."""
LEAST_S, MOST_S = -1.0, 2.5
"""Lags that are tried. A party is rarely 0.5 s behind, and `delay_ms` adds 2 s at most."""
STEP_S = 0.002
LEAST_VOICE_S = 4.0
"""Less speech than that says nothing."""
LEAST_LIKENESS = 0.6
"""Of a correlation to be believed. Two people who say different things reach 0.44 (`benchmarks.sound.lip_sync`)."""
_PARTS = 4
_NEAR_S = 0.3


@dataclass(frozen=True)
class Series:
    """Peaks of a sound, full scale 1, and when each was read or due, in seconds of one clock."""

    times: NDArray[np.float64]
    peaks: NDArray[np.float64]

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> Series:
        found = np.asarray(pairs, np.float64).reshape(-1, 2)
        return cls(found[:, 0], found[:, 1])


@dataclass(frozen=True)
class Lag:
    """How much later the meter shows the sound than the frames had it."""

    seconds: float
    likeness: float
    """Correlation at that lag, up to 1."""
    rival: float
    """The best correlation at a lag that is quite another."""
    spread_s: float
    """How far the parts of the time differ, half of what they span."""
    voice_s: float
    """How long there was a voice."""

    @property
    def is_sure(self) -> bool:
        return (
            self.voice_s >= LEAST_VOICE_S
            and self.likeness >= LEAST_LIKENESS
            and self.likeness - self.rival >= 0.1
            and self.spread_s <= 0.06
        )


def lag(meter: Series, frames: Series) -> Lag | None:
    """Return the lag of `meter` (readings of OBS) behind `frames` (10 ms each), or None if either is too short."""
    if len(meter.times) < 40 or len(frames.times) < 200:
        return None
    seen, heard = _loudness(meter.peaks), _Envelope(frames)
    voice_s = float((seen > 0).sum()) * METER_S
    if voice_s == 0 or not heard.sounds:
        return None
    lags = np.arange(LEAST_S, MOST_S, STEP_S)
    found = np.array([_likeness(seen, heard.at(meter.times - one)) for one in lags])
    best = int(np.argmax(found))
    seconds = _peak(lags, found, best)
    far = np.abs(lags - lags[best]) > _NEAR_S
    parts = [
        _peak(near, values, int(np.argmax(values)))
        for near, values in _of_parts(meter.times, seen, heard, seconds)
        if values.max() > LEAST_LIKENESS
    ]
    spread = (max(parts) - min(parts)) / 2 if len(parts) > 1 else _NEAR_S
    return Lag(seconds, float(found[best]), float(found[far].max()), spread, voice_s)


def _of_parts(
    times: NDArray[np.float64], seen: NDArray[np.float64], heard: _Envelope, around: float
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    near = around + np.arange(-_NEAR_S / 2, _NEAR_S / 2, STEP_S)
    parts = np.array_split(np.arange(len(times)), _PARTS)
    voiced = [part for part in parts if (seen[part] > 0).sum() * METER_S >= LEAST_VOICE_S / _PARTS]
    return [(near, np.array([_likeness(seen[part], heard.at(times[part] - one)) for one in near])) for part in voiced]


class _Envelope:
    """What a meter shows of frames: the highest peak of the last `METER_S`."""

    def __init__(self, frames: Series) -> None:
        order = np.argsort(frames.times, kind="stable")
        self._times = frames.times[order]
        peaks = frames.peaks[order]
        width = round(METER_S / 0.01)
        padded = np.concatenate([np.zeros(width - 1), peaks])
        self._values = _loudness(np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1))
        self.sounds = bool((self._values > 0).any())

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(times, self._times, self._values, left=0.0, right=0.0)


def _loudness(peaks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return decibels above `FLOOR_DB`, at least 0."""
    return np.maximum(20 * np.log10(np.maximum(peaks, 1e-6)) - FLOOR_DB, 0.0)


def _likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def _peak(lags: NDArray[np.float64], values: NDArray[np.float64], best: int) -> float:
    """Return where a parabola through the best value and its neighbours is highest."""
    if not 0 < best < len(values) - 1:
        return float(lags[best])
    before, at, after = values[best - 1 : best + 2]
    bend = before - 2 * at + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(lags[best] + np.clip(shift, -1, 1) * STEP_S)
