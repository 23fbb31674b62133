"""Signal work at the seams: fades of made-up sound, crossfades back into the real one, loudness."""

from __future__ import annotations

import math

import numpy as np

from workers.media.receive.opus import Samples

FADE_FROM = 1440
"""Made-up sound keeps its level for 30 ms …"""
FADE_TO = 5760
"""… and is gone after 120 ms."""
SEAM = 240
"""Length of a crossfade: 5 ms."""
SILENCE_DB = -120.0
QUIET_DB = -50.0
"""Below this a frame may be repeated or left out unnoticed, and what follows it is a pause."""


def fade(made: Samples, done: int) -> Samples:
    """Return made-up `made`, which comes `done` samples after the last real one, at its level."""
    if done + len(made) <= FADE_FROM:
        return made
    at = np.arange(done, done + len(made), dtype=np.float32)
    gain = np.clip((FADE_TO - at) / (FADE_TO - FADE_FROM), 0.0, 1.0)
    return np.rint(made * gain).astype(np.int16)


def release(tail: Samples) -> Samples:
    """Return `tail` faded to silence over its whole length."""
    return np.rint(tail * np.linspace(1.0, 0.0, len(tail), dtype=np.float32)).astype(np.int16)


def merge(made: Samples, real: Samples) -> Samples:
    """Return `real` with its beginning crossfaded out of `made` (at most `SEAM` samples)."""
    length = min(SEAM, len(made), len(real))
    if not length:
        return real
    up = np.linspace(0.0, 1.0, length, dtype=np.float32)
    merged = real.copy()
    merged[:length] = np.rint(real[:length] * up + made[:length] * (1.0 - up)).astype(np.int16)
    return merged


def level_db(samples: Samples) -> float:
    """Return the RMS level in dBFS, `SILENCE_DB` for digital silence."""
    if not len(samples):
        return SILENCE_DB
    values = samples.astype(np.float32)
    power = float(np.dot(values, values)) / len(values)
    return 10.0 * math.log10(power / (32768.0 * 32768.0)) if power > 0 else SILENCE_DB
