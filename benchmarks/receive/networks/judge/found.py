"""Where what was said is found again in what was heard: delay of each window, and pieces that are damaged. No I/O.

The heard sound is compared with what the same packets sound like without a network (`encoded.reference`), so that the
codec counts for nobody. Which windows and pieces count is decided by the clean speech alone, before anybody plays: the
denominators are the same for every system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from benchmarks.receive.networks.speak.voices import RATE

MS = RATE // 1000
WINDOW, HOP = 200 * MS, 100 * MS
PIECE = 20 * MS
"""What counts as damaged or not: 20 ms, the frame of SILK and CELT."""
EARLIEST_MS, LATEST_MS = -40.0, 1500.0
SURE = 0.6
"""Correlation above which a window or a piece counts as found, as in `benchmarks.receive.judge.score`."""
_NEAR = 40 * MS
"""A piece is looked for this far from where the windows around it were found: time stretching moves by periods."""
_STILL = 60 * MS
_CERTAIN = 0.9
"""A window found this well near the last one's place is not looked for elsewhere."""
_QUIETEST = 1e-2
"""Sound of less than this share of the source's energy cannot match it."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """Each loud window of the reference: where it begins in seconds, its delay in ms, NaN if it is not found again."""

    at_s: NDArray[np.float64]
    delays_ms: NDArray[np.float64]
    lags: NDArray[np.float64]
    """Sample of the heard sound minus sample of the reference, NaN if it is not found."""
    damaged: float
    """Share of the loud pieces that are not found again."""

    @property
    def unfound(self) -> float:
        return float(np.mean(np.isnan(self.delays_ms))) if len(self.delays_ms) else 1.0

    def lag_at(self, second: float) -> float:
        """Return the lag at this moment of the talk, from the windows found around it."""
        known = ~np.isnan(self.lags)
        return float(np.interp(second, self.at_s[known], self.lags[known])) if known.any() else 0.0

    def median_lag(self, begin_s: float, end_s: float) -> float:
        """Return the lag of most windows in this part, or what is interpolated where there are none."""
        inside = self.lags[(self.at_s >= begin_s) & (self.at_s < end_s) & ~np.isnan(self.lags)]
        return float(np.median(inside)) if len(inside) else self.lag_at((begin_s + end_s) / 2)


def find(  # noqa: PLR0913, PLR0917  # two sounds, each with its times
    reference: Floats,
    loud: NDArray[np.bool_],
    sound: Floats,
    stamps_ns: NDArray[np.int64],
    began_ns: int,
    drift_ppm: float,
) -> Found:
    """Find `reference` in `sound`, both at 16 kHz. `stamps_ns[i]` is when its 10 ms number i were handed over."""
    pace = 1 + drift_ppm * 1e-6
    stamps_ms = (stamps_ns - began_ns) / 1e6
    starts = [at for at in range(0, len(reference) - WINDOW, HOP) if _mostly(loud, at, WINDOW)]
    lags, last = np.full(len(starts), np.nan), None
    for number, start in enumerate(starts):
        wanted = reference[start : start + WINDOW]
        sent_ms = start / MS / pace
        place = _search(wanted, sound, start, last, _bounds(stamps_ms, sent_ms))
        if place is not None:
            lags[number] = place - start
            last = place - start
    at_s = np.array(starts, np.float64) / RATE
    delays = np.full(len(starts), np.nan)
    for number, start in enumerate(starts):
        if np.isnan(lags[number]):
            continue
        frame, rest = divmod(int(start + lags[number]), 10 * MS)
        if frame < len(stamps_ms):
            delays[number] = stamps_ms[frame] + rest / MS - start / MS / pace
    found = Found(at_s, delays, lags, 0.0)
    return Found(at_s, delays, lags, _damaged(reference, loud, sound, found))


def _bounds(stamps_ms: NDArray[np.float64], sent_ms: float) -> tuple[int, int]:
    first = int(np.searchsorted(stamps_ms, sent_ms + EARLIEST_MS))
    last = int(np.searchsorted(stamps_ms, sent_ms + LATEST_MS))
    return max(first - 1, 0) * 10 * MS, last * 10 * MS + WINDOW


def _search(wanted: Floats, sound: Floats, start: int, last: int | None, bounds: tuple[int, int]) -> int | None:
    if last is not None:
        begin = max(start + last - _STILL, 0)
        likeness = _likeness(wanted, sound[begin : begin + WINDOW + 2 * _STILL])
        if len(likeness) and likeness.max() >= _CERTAIN:
            return begin + int(np.argmax(likeness))
    likeness = _likeness(wanted, sound[bounds[0] : bounds[1]])
    if not len(likeness) or likeness.max() < SURE:
        return None
    return bounds[0] + int(np.argmax(likeness))


def _likeness(wanted: Floats, within: Floats) -> NDArray[np.float64]:
    """Return the normalised correlation at each place of `within`."""
    count = len(wanted)
    if len(within) < count:
        return np.zeros(0)
    size = next_fast_len(len(within) + count, real=True)
    products = irfft(rfft(within, size) * np.conj(rfft(wanted, size)), size)[: len(within) - count + 1]
    sums = np.concatenate(([0.0], np.cumsum(within.astype(np.float64) ** 2)))
    own = float(np.dot(wanted.astype(np.float64), wanted))
    energies = np.maximum(sums[count:] - sums[:-count], own * _QUIETEST)
    return np.asarray(products / np.sqrt(energies * max(own, 1e-9)), np.float64)


def _damaged(reference: Floats, loud: NDArray[np.bool_], sound: Floats, found: Found) -> float:
    """Return the share of loud 20 ms that are not found near their place."""
    starts = [at for at in range(0, len(reference) - PIECE, PIECE) if _mostly(loud, at, PIECE)]
    if not starts or np.isnan(found.lags).all():
        return 1.0
    lags = np.array([found.lag_at(start / RATE) for start in starts])
    # `padded` begins twice _NEAR before `sound`
    padded = np.concatenate((np.zeros(2 * _NEAR, np.float32), sound, np.zeros(4 * _NEAR + PIECE, np.float32)))
    length = 2 * _NEAR + PIECE
    places = np.clip(np.rint(starts + lags).astype(np.int64) + _NEAR, 0, len(padded) - length)
    near = padded[places[:, None] + np.arange(length)].astype(np.float64)
    wanted = reference[np.array(starts)[:, None] + np.arange(PIECE)].astype(np.float64)
    size = next_fast_len(length + PIECE, real=True)
    products = irfft(rfft(near, size) * np.conj(rfft(wanted, size)), size)[:, : 2 * _NEAR + 1]
    sums = np.concatenate((np.zeros((len(near), 1)), np.cumsum(near**2, axis=1)), axis=1)
    own = np.sum(wanted**2, axis=1, keepdims=True)
    energies = np.maximum(sums[:, PIECE:] - sums[:, :-PIECE], own * _QUIETEST)
    likeness = products / np.sqrt(energies * np.maximum(own, 1e-9))
    return float(np.mean(likeness.max(axis=1) < SURE))


def _mostly(loud: NDArray[np.bool_], start: int, length: int) -> bool:
    frames = loud[start // (10 * MS) : (start + length) // (10 * MS)]
    return bool(len(frames)) and float(frames.mean()) > 0.5
