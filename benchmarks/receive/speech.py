"""The spoken material: the simulator's voices in a fixed order, with a talker's pauses, in a quiet room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.consoles import voices

RATE = voices.RATE
LEAD_S = 1.0
"""Quiet time before the first word."""
SHORT_S = (0.25, 0.8)
LONG_S = (1.0, 2.5)
LONG_SHARE = 0.3
"""Share of the pauses between two sentences."""
NOISE_DB = -66.0
"""Noise of room and microphone, RMS against full scale. A headset's pauses are never digital silence."""
_SEED = 4


@dataclass(frozen=True)
class Speech:
    """Speech samples, 16 kHz mono s16. `spurts` has (first, end) sample of each sentence."""

    samples: NDArray[np.int16]
    spurts: tuple[tuple[int, int], ...]


@cache
def speech(seconds: float = 70.0) -> Speech:
    """Return `seconds` of speech, always the same. The last sentence is left out rather than cut off."""
    random = np.random.default_rng(_SEED)
    total = round(seconds * RATE)
    sound = random.normal(0.0, 32768 * 10 ** (NOISE_DB / 20), total)
    spurts: list[tuple[int, int]] = []
    at = round(LEAD_S * RATE)
    while True:
        for name in random.permutation(voices.names()):
            sentence = voices.load(str(name))
            if at + len(sentence) > total - RATE // 2:
                return Speech(np.clip(np.rint(sound), -32768, 32767).astype(np.int16), tuple(spurts))
            sound[at : at + len(sentence)] += sentence
            spurts.append((at, at + len(sentence)))
            pause = LONG_S if random.random() < LONG_SHARE else SHORT_S
            at += len(sentence) + round(random.uniform(*pause) * RATE)
