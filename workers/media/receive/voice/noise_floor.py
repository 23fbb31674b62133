"""The level of a talker's room, below which nobody speaks. No I/O, no clock."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from common.bus.voice.conceal import QUIET_DB
from common.bus.voice.opus import Samples
from common.messages import FRAME_SAMPLES

_HALF = 150
"""Blocks of 10 ms. The floor is the lowest level of the last 1.5 to 3 s: nobody speaks for longer without a gap."""
ABOVE_DB = 5.0
"""Sound up to this far above the floor counts as quiet: the levels of 10 ms of noise scatter by so much."""
LOUDEST_DB = -34.0
"""A room louder than this is not told from speech."""
_FULL_SCALE = 32768.0**2
_LEAST, _MOST = (10.0 ** (level_db / 10.0) * _FULL_SCALE for level_db in (QUIET_DB, LOUDEST_DB))
_ABOVE = 10.0 ** (ABOVE_DB / 10.0)


class NoiseFloor:
    """The noise floor of one talker, from the sound of the packets that were decoded."""

    def __init__(self) -> None:
        self._before, self._lowest = 0.0, _MOST
        self._count = 0

    def record(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Take a packet's sound. Return the power of each whole 10 ms block."""
        blocks = len(samples) // FRAME_SAMPLES
        values = samples[: blocks * FRAME_SAMPLES].astype(np.float32).reshape(blocks, FRAME_SAMPLES)
        powers: npt.NDArray[np.float32] = np.einsum("ij,ij->i", values, values) / FRAME_SAMPLES
        if blocks:
            self._lowest = min(self._lowest, float(powers.min()))
            self._count += blocks
        if self._count >= _HALF:
            self._before, self._lowest, self._count = self._lowest, _MOST, 0
        return powers

    @property
    def quiet_power(self) -> float:
        """The power below which 10 ms count as quiet, between that of `QUIET_DB` and of `LOUDEST_DB`."""
        return float(min(max(min(self._before, self._lowest) * _ABOVE, _LEAST), _MOST))

    @property
    def quiet_db(self) -> float:
        """The same in dBFS."""
        return 10.0 * math.log10(self.quiet_power / _FULL_SCALE)
