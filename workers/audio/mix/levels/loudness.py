"""The loudness of a talker by ITU-R BS.1770. No I/O, no clock.

The K-weighting is a weight on the spectrum of each tenth of a second, because NumPy has no recursive filter.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES

HOP_S = 0.1
HOP_FRAMES = 10
HOP_SAMPLES = HOP_FRAMES * FRAME_SAMPLES
BLOCK_HOPS = 4
"""A gating block is 400 ms, and three quarters of it are shared with the next one."""
QUIETEST_LUFS = -70.0
RELATIVE_GATE = -10.0

_OFFSET = -0.691
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)
"""BS.1770-4, tables 1 and 2: numerator and denominator at 48 kHz."""


def _weights() -> NDArray[np.float64]:
    """Return the weight of each bin of a hop's power spectrum in its mean square."""
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(HOP_SAMPLES))
    power = np.ones(len(delay))
    for above, below in (_SHELF, _HIGH_PASS):
        power *= np.abs(np.polyval(above[::-1], delay) / np.polyval(below[::-1], delay)) ** 2
    both_sides = np.full(len(delay), 2.0)
    both_sides[[0, -1]] = 1.0
    return np.asarray(power * both_sides / HOP_SAMPLES**2, np.float64)


_WEIGHTS = _weights()


def hop_power(samples: NDArray[np.floating]) -> float:
    """Return the K-weighted mean square of `HOP_SAMPLES` mono samples, ±1 full scale."""
    spectrum = np.fft.rfft(samples)
    return float(_WEIGHTS @ (spectrum.real**2 + spectrum.imag**2))


def to_lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power) if power > 0 else -math.inf


def gated(blocks: list[float], floor_lufs: float = QUIETEST_LUFS) -> float:
    """Return the loudness (LUFS) of blocks of such mean squares without those below the two gates, or -inf."""
    loud = [power for power in blocks if to_lufs(power) >= floor_lufs]
    if not loud:
        return -math.inf
    gate = to_lufs(sum(loud) / len(loud)) + RELATIVE_GATE
    heard = [power for power in loud if to_lufs(power) >= gate]
    return to_lufs(sum(heard) / len(heard))


class Meter:
    """The loudness of recent speech. Call `add` for each hop in which the talker speaks."""

    def __init__(self, most_hops: int) -> None:
        self._last: deque[float] = deque(maxlen=BLOCK_HOPS)
        self.blocks: deque[float] = deque(maxlen=most_hops)
        """Mean squares of the blocks."""

    def add(self, samples: NDArray[np.floating]) -> None:
        """Take `HOP_SAMPLES` mono samples, ±1 full scale."""
        self.add_power(hop_power(samples))

    def add_power(self, power: float) -> None:
        """Take a `hop_power`."""
        self._last.append(power)
        if len(self._last) == BLOCK_HOPS:
            self.blocks.append(sum(self._last) / BLOCK_HOPS)

    def pause(self) -> None:
        """Begin a new block, because the next hop does not follow the last one."""
        self._last.clear()

    def lufs(self, floor_lufs: float = QUIETEST_LUFS) -> float:
        return gated(list(self.blocks), floor_lufs)
