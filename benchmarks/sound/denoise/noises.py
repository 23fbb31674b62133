"""Noises of the rooms that people play in, made from a seed. All are float32 at 48 kHz with the RMS 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from common.messages import SAMPLE_RATE
from simulator.consoles import voices

Sound = NDArray[np.float32]
_KEYS_S = 5.0
"""Strokes a second of somebody who types or plays fast."""
_BABBLE = 6
"""Voices of the babble, in languages and an order of their own."""


def _shaped(length: int, seed: int, slope_db: float) -> NDArray[np.float64]:
    """Return noise whose level changes by `slope_db` an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    octaves = np.log2(np.maximum(np.arange(len(spectrum)), 1) * SAMPLE_RATE / length / 1000)
    spectrum *= 10 ** (slope_db * np.clip(octaves, -6, 5) / 20)
    return np.asarray(np.fft.irfft(spectrum, length))


def white(length: int) -> NDArray[np.float64]:
    return _shaped(length, 1, 0)


def pink(length: int) -> NDArray[np.float64]:
    return _shaped(length, 2, -3)


def fan(length: int) -> NDArray[np.float64]:
    """Return rushing air with the hum of a motor and of its blades."""
    at = np.arange(length) / SAMPLE_RATE
    air = _shaped(length, 3, -5)
    hum = sum(np.sin(2 * np.pi * hertz * at + hertz) / rank for rank, hertz in enumerate((97, 194, 291, 679), 1))
    return np.asarray(air / air.std() + 0.8 * hum)


@cache
def _talkers() -> tuple[NDArray[np.float64], ...]:
    return tuple(soxr.resample(voices.load(name) / 32768, voices.RATE, SAMPLE_RATE) for name in voices.names())


def babble(length: int) -> NDArray[np.float64]:
    """Return several people who talk at once, none of them to us."""
    random, sound = np.random.default_rng(4), np.zeros(length)
    for first in range(_BABBLE):
        said = np.concatenate([_talkers()[(first * 3 + number) % len(_talkers())] for number in random.permutation(9)])
        sound += np.roll(np.resize(said, length), random.integers(length))
    return sound


def keyboard(length: int) -> NDArray[np.float64]:
    """Return strokes on a keyboard: short bursts with a ring of 1 to 4 kHz, down and up."""
    random, sound = np.random.default_rng(5), np.zeros(length)
    at = np.arange(SAMPLE_RATE // 25) / SAMPLE_RATE
    moment = 0.1
    while (start := round(moment * SAMPLE_RATE)) + 2 * len(at) + SAMPLE_RATE // 10 < length:
        for offset, level in ((0, 1.0), (round(random.uniform(0.05, 0.09) * SAMPLE_RATE), 0.5)):
            ring = np.sin(2 * np.pi * random.uniform(1000, 4000) * at) + 0.7 * random.standard_normal(len(at))
            first = start + offset
            sound[first : first + len(at)] += level * random.uniform(0.5, 1) * ring * np.exp(-at * 220)
        moment += random.exponential(1 / _KEYS_S) + 0.06
    return sound


NOISES: dict[str, Callable[[int], NDArray[np.float64]]] = {
    "white": white,
    "pink": pink,
    "fan": fan,
    "babble": babble,
    "keyboard": keyboard,
}


def noise(name: str, length: int) -> Sound:
    sound = NOISES[name](length)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)), np.float32)
