"""Voice files in the format of the consoles' encoders: 16 kHz mono s16, in whole 40 ms packets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "voices"
RATE = 16_000
"""Sample rate of the encoders, in hertz."""
PACKET_MS = 40
PACKET_SAMPLES = RATE * PACKET_MS // 1000


def names() -> list[str]:
    """Return every voice file's name, e.g. ``anna-1``."""
    return sorted(path.stem for path in FOLDER.glob("*.opus"))


def speakers() -> list[str]:
    return sorted({name.rpartition("-")[0] for name in names()})


def of_speaker(speaker: str) -> list[str]:
    return [name for name in names() if name.rpartition("-")[0] == speaker]


@cache
def load(name: str) -> NDArray[np.int16]:
    """Return a voice file's samples, padded with silence to whole packets. Raises `FileNotFoundError`."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = []
    with av.open(str(FOLDER / f"{name}.opus")) as file:
        for frame in file.decode(audio=0):
            parts += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
    parts += [part.to_ndarray().reshape(-1) for part in resampler.resample(None)]
    samples: NDArray[np.int16] = np.concatenate(parts).astype(np.int16)
    return np.concatenate([samples, np.zeros(-len(samples) % PACKET_SAMPLES, np.int16)])
