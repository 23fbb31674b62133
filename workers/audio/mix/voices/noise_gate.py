"""A noise gate with hysteresis and hold, which lowers what lies between the words. No I/O, no clock.

It decides once a frame, after the frame has been seen, and opens at the frame's first sample. So it looks up to a frame
ahead without any delay of its own. `benchmarks.sound.voices` measures what it takes of first syllables.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE

RANGE_DB = 30.0
"""How far a closed gate lowers the sound. Chosen to leave a trace of the room, as dead silence sounds like a fault."""
HYSTERESIS_DB = 6.0
"""It closes this far below the threshold, so that it does not flutter at a voice of that level."""
HOLD_MS = 250
"""It stays open this long after the last loud frame. Chosen to be longer than the pauses inside of a word."""
RELEASE_MS = 100
"""Time from open to closed. Chosen to be slow enough for the end of a word."""
ATTACK_SAMPLES = SAMPLE_RATE * 2 // 1000
"""Length of the ramp at its opening, 2 ms. Chosen to be free of clicks."""
_BLOCKS = 4
"""Parts of a frame whose levels are compared, so that a consonant of 3 ms opens the gate too."""

_CLOSED = float(10 ** (-RANGE_DB / 20))
_FALL = float(10 ** (-RANGE_DB / 20 * FRAME_MS / RELEASE_MS))
_HOLD_FRAMES = HOLD_MS // FRAME_MS
_RAMP = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES
_ATTACK = np.minimum(np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / ATTACK_SAMPLES, 1)


class NoiseGate:
    """A gate for frames of `FRAME_SAMPLES` float32, ±1 full scale. It begins open."""

    def __init__(self, threshold_db: float | None = None) -> None:
        """`threshold_db` is the level in dBFS (RMS) from which it opens. None keeps it open."""
        self._threshold_db = threshold_db
        self._gain = 1.0
        self._held = _HOLD_FRAMES

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing and will not."""
        return self._threshold_db is None and self._gain == 1.0

    @property
    def gain_db(self) -> float:
        """The gain at the end of the last frame."""
        return 20 * math.log10(self._gain)

    def change_to(self, threshold_db: float | None) -> None:
        self._threshold_db = threshold_db

    def process(self, frame: NDArray[np.float32]) -> None:
        """Apply the gate to `frame`, in place."""
        wanted = 1.0 if self._is_open(frame) else max(_CLOSED, self._gain * _FALL)
        if wanted == self._gain:
            if wanted != 1.0:
                frame *= np.float32(wanted)
            return
        ramp = _ATTACK if wanted > self._gain else _RAMP
        frame *= np.float32(self._gain) + ramp * np.float32(wanted - self._gain)
        self._gain = wanted

    def _is_open(self, frame: NDArray[np.float32]) -> bool:
        if self._threshold_db is None:
            return True
        level_db = loudest_db(frame)
        if level_db >= self._threshold_db - (HYSTERESIS_DB if self._held else 0):
            self._held = _HOLD_FRAMES
        elif self._held:
            self._held -= 1
        return self._held > 0


def loudest_db(frame: NDArray[np.float32]) -> float:
    """Return the level of the loudest part of `frame` in dBFS (RMS)."""
    blocks = frame.reshape(_BLOCKS, -1)
    power = float(np.einsum("ij,ij->i", blocks, blocks).max()) * _BLOCKS / FRAME_SAMPLES
    return 10 * math.log10(power) if power > 0 else -math.inf
