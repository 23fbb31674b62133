"""The comparison of heard and spoken sound: delay of each window, and missing parts. No I/O, no clock.

Delay runs from the sending of a packet to the moment at which the 10 ms frame with its first sample is handed over. It
excludes packetisation (40 ms) and Opus' own look-ahead. It is measured in the sound itself, not taken from reports.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from benchmarks.receive.speech import RATE, Speech

OUT_RATE = 48_000
FRAME = 480
LOOKAHEAD_MS = 309 / 48
"""Look-ahead of Opus at 16 kHz, encoder and decoder, measured by correlation."""
WINDOW = RATE // 5
HOP = RATE // 10
EARLIEST_MS = -30.0
LATEST_MS = 1200.0
SURE = 0.6
"""Correlation above which a window counts as found."""
LOUD_DB = -42.0
"""Level of speech, against full scale."""
MISSING_DB = 20.0
"""Difference below the source's level at which sound counts as missing."""
SLACK_FRAMES = 3
INTERRUPTION_FRAMES = 15 - 2 * SLACK_FRAMES
"""150 ms. The slack shortens a gap on both its sides."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """Received sound.

    `samples` is 48 kHz mono s16, in whole frames of 10 ms. `stamps_ns[i]` is when frame i was handed over.
    """

    samples: NDArray[np.int16]
    stamps_ns: NDArray[np.int64]
    concealed: float = float("nan")
    """Share of concealed frames or samples, as the system itself reports it."""


@dataclass(frozen=True)
class Timing:
    """Delays in milliseconds.

    `lags` has (sample of the source, sample of the heard sound) at 16 kHz for each window found.
    """

    delays_ms: NDArray[np.float64]
    lags: NDArray[np.int64]

    @property
    def median_lag(self) -> int:
        return int(np.median(self.lags[:, 1] - self.lags[:, 0])) if len(self.lags) else 0


def at_16k(heard: Heard) -> Floats:
    return np.asarray(soxr.resample(heard.samples.astype(np.float32), OUT_RATE, RATE), np.float32)


def timing(heard: Heard, sound: Floats, said: Speech, began_ns: int, drift_ppm: float = 0.0) -> Timing:
    """Find each loud window of `said` in `sound` (`heard` at 16 kHz).

    `began_ns` is when packet 0 was sent, on the clock of the stamps.
    """
    source = said.samples.astype(np.float32)
    pace = 1 + drift_ppm * 1e-6
    per_ms = RATE / 1000
    stamps = heard.stamps_ns - began_ns
    delays, lags = [], []
    for start in range(0, len(source) - WINDOW, HOP):
        wanted = source[start : start + WINDOW]
        if _level_db(wanted) < LOUD_DB:
            continue
        sent_ms = start / per_ms / pace
        first = _index_at(stamps, (sent_ms + EARLIEST_MS) * 1e6)
        last = _index_at(stamps, (sent_ms + LATEST_MS) * 1e6)
        found = _find(wanted, sound[first : last + WINDOW])
        if found is None:
            continue
        at = first + found
        frame, rest = divmod(at * OUT_RATE // RATE, FRAME)
        if frame >= len(stamps):
            continue
        played_ms = stamps[frame] / 1e6 + rest / OUT_RATE * 1000
        delays.append(played_ms - sent_ms - LOOKAHEAD_MS)
        lags.append((start, at))
    return Timing(np.array(delays, np.float64), np.array(lags, np.int64).reshape(-1, 2))


def aligned(sound: Floats, said: Speech, found: Timing) -> tuple[Floats, Floats]:
    """Return (source, heard) of the same length, with one shift for the whole, the median of the windows."""
    source = said.samples.astype(np.float32)
    return source, _cut(sound, found.median_lag, len(source))


def aligned_spurts(sound: Floats, said: Speech, found: Timing) -> tuple[Floats, Floats]:
    """Return (source, heard) sentence by sentence, with a shift for each, without the pauses."""
    source = said.samples.astype(np.float32)
    spoken, heard = [], []
    for first, end in said.spurts:
        inside = found.lags[(found.lags[:, 0] >= first) & (found.lags[:, 0] < end)]
        lag = int(np.median(inside[:, 1] - inside[:, 0])) if len(inside) else found.median_lag
        spoken.append(source[first:end])
        heard.append(_cut(sound, first + lag, end - first))
    return np.concatenate(spoken), np.concatenate(heard)


def interruptions(sound: Floats, said: Speech, found: Timing) -> int:
    """Return the number of stretches of 150 ms or more in which speech is missing from the heard sound.

    A frame is missing if nothing within 30 ms of its place comes near its level. The place is interpolated from the
    nearest windows found.
    """
    frame = RATE // 100
    source = said.samples.astype(np.float32)
    count = len(source) // frame
    levels = np.array([_level_db(source[at * frame : (at + 1) * frame]) for at in range(count)])
    if not len(found.lags):
        return len(said.spurts)
    lag = np.interp(np.arange(count) * frame, found.lags[:, 0], found.lags[:, 1] - found.lags[:, 0])
    missing = np.zeros(count, bool)
    for at in np.flatnonzero(levels > LOUD_DB):
        place = int(at * frame + lag[at])
        near = _cut(sound, place - SLACK_FRAMES * frame, (2 * SLACK_FRAMES + 1) * frame).reshape(-1, frame)
        missing[at] = max(_level_db(piece) for piece in near) < levels[at] - MISSING_DB
    loud = levels > LOUD_DB
    return _runs(loud, missing)


def _runs(loud: NDArray[np.bool_], missing: NDArray[np.bool_]) -> int:
    """Return the number of runs of missing frames. Only heard speech ends one, a pause does not."""
    found = length = 0
    for is_loud, is_missing in zip(loud, missing, strict=True):
        if is_missing:
            length += 1
            found += length == INTERRUPTION_FRAMES
        elif is_loud:
            length = 0
    return found


def _find(wanted: Floats, within: Floats) -> int | None:
    """Return where `wanted` fits best, None if it fits nowhere well enough."""
    count = len(wanted)
    if len(within) < count:
        return None
    size = next_fast_len(len(within) + count, real=True)
    products = irfft(rfft(within, size) * np.conj(rfft(wanted, size)), size)[: len(within) - count + 1]
    sums = np.concatenate(([0.0], np.cumsum(within.astype(np.float64) ** 2)))
    energies = sums[count:] - sums[:-count]
    own = float(np.dot(wanted.astype(np.float64), wanted))
    likeness = products / np.sqrt(np.maximum(energies, own * 1e-2) * own)
    best = int(np.argmax(likeness))
    return best if likeness[best] >= SURE else None


def _index_at(stamps: NDArray[np.int64], when_ns: float) -> int:
    """Return the 16 kHz sample that was handed over at `when_ns` after packet 0 was sent."""
    frame = int(np.clip(np.searchsorted(stamps, when_ns), 0, len(stamps) - 1))
    return frame * (RATE // 100)


def _cut(sound: Floats, first: int, count: int) -> Floats:
    """Return `count` samples from `first` on, with silence where there are none."""
    piece = np.zeros(count, np.float32)
    begin, end = max(first, 0), min(first + count, len(sound))
    if end > begin:
        piece[begin - first : end - first] = sound[begin:end]
    return piece


def _level_db(samples: Floats) -> float:
    power = float(np.mean(samples.astype(np.float64) ** 2)) if len(samples) else 0.0
    return 10 * float(np.log10(power / 32768**2 + 1e-12))
