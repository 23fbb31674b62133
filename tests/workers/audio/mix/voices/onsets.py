"""What the gate takes of first syllables: sentences of a recorded voice with pauses, in a quiet room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from tests.workers.audio.heard.test_real_voices import voice
from workers.audio.mix.voices.noise_gate import NoiseGate

LEVEL_DB = -26.0
ROOM_DB = -62.0
FIRST_MS = 100
_PAUSE_S = 1.0
_SENTENCE_S = 2.5
_BEGUN_DB = -30.0
"""A sentence begins where it first comes this near to its own level."""


@dataclass(frozen=True)
class Onsets:
    """How much of the first `FIRST_MS` is lost in dB (mean, worst), and how much lower the pauses are."""

    threshold_db: float
    sentences: int
    lost_db: float
    worst_db: float
    pauses_db: float


def measure(threshold_db: float, name: str = "a reader") -> Onsets:
    sound, starts = _spoken(name)
    heard = sound.copy()
    gate = NoiseGate(threshold_db)
    for frame in heard.reshape(-1, FRAME_SAMPLES):
        gate.process(frame)
    lost = []
    for start in starts:
        first = slice(start, start + FIRST_MS * SAMPLE_RATE // 1000)
        lost.append(-_change_db(sound[first], heard[first]))
    pauses = [slice(start - SAMPLE_RATE // 4, start - SAMPLE_RATE // 10) for start in starts[1:]]
    lowered = [-_change_db(sound[pause], heard[pause]) for pause in pauses]
    return Onsets(threshold_db, len(starts), float(np.mean(lost)), float(max(lost)), float(np.mean(lowered)))


def _change_db(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    return 10 * float(np.log10(np.sum(after.astype(np.float64) ** 2) / np.sum(before.astype(np.float64) ** 2)))


def _spoken(name: str) -> tuple[NDArray[np.float32], list[int]]:
    """Return the sound, and where each sentence begins."""
    said = voice(name)
    said = said / np.sqrt(np.mean(said**2)) * 10 ** (LEVEL_DB / 20)
    random = np.random.default_rng(1)
    pause, length = round(_PAUSE_S * SAMPLE_RATE), round(_SENTENCE_S * SAMPLE_RATE)
    parts, starts, at = [], [], 0
    for begin in range(0, len(said) - length, length):
        piece = said[begin : begin + length]
        loud = np.sqrt(np.convolve(piece**2, np.ones(48) / 48, "same"))
        first = int(np.argmax(loud > np.sqrt(np.mean(piece**2)) * 10 ** (_BEGUN_DB / 20)))
        gap = pause + int(random.integers(FRAME_SAMPLES))  # an onset may lie anywhere in its frame
        parts += [np.zeros(gap), piece[first:]]
        starts.append(at + gap)
        at += gap + len(piece) - first
    sound = np.concatenate(parts)
    sound = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES]
    room = random.standard_normal(len(sound)) * 10 ** (ROOM_DB / 20)
    return (sound + room).astype(np.float32), starts
