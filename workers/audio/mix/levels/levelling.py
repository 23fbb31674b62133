"""Automatic levelling of a talker's loudness to a target, slowly, and not of silence or noise. No I/O, no clock.

Its constants were set on recorded voices (tests/workers/audio/heard/test_real_voices.py).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

from workers.audio.mix.levels.loudness import HOP_FRAMES, HOP_S, RELATIVE_GATE, Meter, hop_power, to_lufs

MOST_DB = 20.0
"""The largest gain, up or down."""
UP_DB_S, DOWN_DB_S = 2.0, 4.0
"""How fast the gain changes during speech. It falls faster than it rises."""
FLOOR_LUFS = -55.0
"""Sound below is not taken for speech."""
REMEMBERED_HOPS = 200
"""The last twenty seconds of speech count. Other sound has no part in it, however long it is."""
NEEDED_BLOCKS = 10
"""About a second and a half of speech is needed for a judgement."""
LIVELY_DB = 6.0
"""The tenths of a second of speech differ by at least this much (10th to 90th percentile). Those of a fan do not."""
LIVELY_HOPS = 15
"""The number of tenths of a second compared."""
CLOSE_DB = 1.0
"""The gain does not change when it is this near to the target."""


class Leveller:
    """The leveller of one talker."""

    def __init__(self, target_lufs: float, gain_db: float = 0.0) -> None:
        """`gain_db` is the talker's last gain."""
        self._target = target_lufs
        self.gain_db = gain_db
        self.meter = Meter(REMEMBERED_HOPS)
        self._frames: list[bytes] = []
        self._powers: deque[float] = deque(maxlen=LIVELY_HOPS)

    def take(self, frames: Iterable[bytes]) -> None:
        """Take speech before any gain: s16 frames in order, empty for silence."""
        for frame in frames:
            self._frames.append(frame)
            if len(self._frames) == HOP_FRAMES:
                self._hop()
                self._frames.clear()

    def _hop(self) -> None:
        if not all(self._frames):
            self.meter.pause()
            return
        samples = np.frombuffer(b"".join(self._frames), "<i2") * (1 / 32768)
        power = hop_power(samples)
        self._powers.append(power)
        if not self._is_lively():
            self.meter.pause()
            return
        self.meter.add_power(power)
        if to_lufs(power) >= FLOOR_LUFS:
            self._move(to_lufs(power))

    def _move(self, now_lufs: float) -> None:
        if len(self.meter.blocks) < NEEDED_BLOCKS:
            return
        lufs = self.meter.lufs(FLOOR_LUFS)
        if math.isinf(lufs) or now_lufs < lufs + RELATIVE_GATE:
            return
        wanted = max(-MOST_DB, min(MOST_DB, self._target - lufs))
        off = wanted - self.gain_db
        if abs(off) > CLOSE_DB or abs(wanted) == MOST_DB:
            self.gain_db += max(-DOWN_DB_S * HOP_S, min(UP_DB_S * HOP_S, off))

    def _is_lively(self) -> bool:
        low, high = np.percentile(self._powers, (10, 90))
        return bool(to_lufs(high) - max(to_lufs(low), FLOOR_LUFS - LIVELY_DB) >= LIVELY_DB)
