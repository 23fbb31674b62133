"""Time stretch of speech by whole pitch periods (PSOLA), and of quiet by any length.

Nothing is changed where it would be heard. The sound must repeat itself from one period to the next, or be quiet.
"""

from __future__ import annotations

import numpy as np

from common.bus.voice.opus import Samples

_SEAM = 240


def shorten(samples: Samples, lag: int) -> Samples:
    """Return `samples` with their first two periods of `lag` blended into one."""
    return np.concatenate((blend(samples[:lag], samples[lag : 2 * lag]), samples[2 * lag :]))


def lengthen(samples: Samples, lag: int) -> Samples:
    """Return `samples` with one more period of `lag`."""
    return np.concatenate((samples[:lag], blend(samples[lag : 2 * lag], samples[:lag]), samples[lag:]))


def blend(out: Samples, into: Samples) -> Samples:
    """Return a crossfade from `out` to `into`, of the same length."""
    up = np.linspace(0.0, 1.0, len(out), dtype=np.float32)
    mixed: Samples = np.rint(out * (1.0 - up) + into * up).astype(np.int16)
    return mixed


def cut(samples: Samples, at: int, count: int) -> Samples:
    """Return quiet `samples` without the `count` from `at` on, with the edges blended."""
    seam = min(_SEAM, len(samples) - at - count, count)
    if seam <= 0:
        return np.concatenate((samples[:at], samples[at + count :]))
    end = at + count
    return np.concatenate(
        (samples[:at], blend(samples[at : at + seam], samples[end : end + seam]), samples[end + seam :])
    )


def repeat(samples: Samples, at: int, count: int) -> Samples:
    """Return quiet `samples` with the `count` from `at` on repeated, with the edges blended."""
    end = at + count
    seam = min(_SEAM, len(samples) - end, count)
    if seam <= 0:
        return np.concatenate((samples[:end], samples[at:]))
    middle = blend(samples[end : end + seam], samples[at : at + seam])
    return np.concatenate((samples[:end], middle, samples[at + seam :]))
