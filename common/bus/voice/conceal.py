"""Packet loss concealment by libopus, faded, with decoder rollback when the real sound arrives, and crossfades.

`benchmarks.receive` and `benchmarks.receive.networks` measure the effect (notes/receive.md).
"""

from __future__ import annotations

import math

import numpy as np

from common.bus.voice.opus import MAX_SAMPLES, Decoder, Samples
from common.messages import FRAME_SAMPLES

FADE_FROM_SAMPLES = 2880
"""Concealed sound keeps its level for 60 ms."""
FADE_TO_SAMPLES = 9600
"""Concealed sound has faded out after 200 ms."""
LONGEST_SAMPLES = 9600
"""Samples that libopus is asked to conceal at most."""
PASSED_OVER_SAMPLES = 1920
"""After a gap of up to 40 ms the decoder goes on as if there had been none, and the crossfade makes the transition.
libopus' own would soften the beginning of what follows. By `benchmarks.receive.networks`: 0.04 to 0.10 PESQ-WB where
packets are lost at random or in bursts; after longer gaps libopus' transition is the better one."""
SEAM = 240
"""Length of a crossfade (5 ms)."""
GRAIN = 120
"""PlayoutStep of libopus' concealment (2.5 ms)."""
SILENCE_DB = -120.0
QUIET_DB = -50.0
"""Level below which a frame may be repeated or dropped inaudibly, and counts as a pause."""


class Concealer:
    """Conceals missing sound, 10 ms at a time, and restores the decoder's state."""

    def __init__(self, decoder: Decoder) -> None:
        self.run = 0
        """Samples concealed since the last real one."""
        self._decoder = decoder
        self._saved: bytes | None = None
        self._saved_position = 0
        self._made_samples = 0
        self._leftover = np.zeros(0, np.int16)

    def make(self, position: int, step_samples: int) -> Samples:
        """Return 10 ms of concealed sound. The decoder is at `position` and advances by `step_samples` at a time."""
        if self._saved is None:
            self._saved, self._saved_position, self._made_samples = self._decoder.save(), position, 0
        while len(self._leftover) < FRAME_SAMPLES:
            self._leftover = np.concatenate((self._leftover, self._more(step_samples)))
        out, self._leftover = self._leftover[:FRAME_SAMPLES], self._leftover[FRAME_SAMPLES:]
        self.run += FRAME_SAMPLES
        return out

    def _more(self, count: int) -> Samples:
        done = self.run + len(self._leftover)
        self._made_samples += count
        return fade(self._decoder.conceal(count), done)

    def settle(self, position: int) -> Samples | None:
        """Move the decoder to `position`, where real sound begins, and return the continuation of the concealed sound.

        None if there is none, or if libopus itself makes the transition.
        """
        if self._saved is None:
            return None
        passed = min(max(position - self._saved_position, 0), LONGEST_SAMPLES) // GRAIN * GRAIN
        seam = None
        if self.run:
            seam = self._leftover if len(self._leftover) else self._more(FRAME_SAMPLES)
        if passed <= PASSED_OVER_SAMPLES:
            passed = 0
        if self._made_samples != passed or len(self._leftover):
            self._decoder.restore(self._saved)
            while passed > 0:
                step = min(passed, MAX_SAMPLES)
                self._decoder.conceal(step)
                passed -= step
        self.forget()
        return seam

    def pause(self) -> None:
        """End the concealed sound. The next packet shows whether something was missing (`settle`) or not (`undo`)."""
        self._leftover = self._leftover[:0]
        self.run = 0

    def undo(self) -> None:
        """Restore the decoder's state from before the concealment."""
        if self._saved is not None:
            self._decoder.restore(self._saved)
        self.forget()

    def forget(self) -> None:
        self._saved = None
        self._leftover = self._leftover[:0]
        self.run = 0


def fade(made: Samples, done: int) -> Samples:
    """Return `made` with the fade of concealed sound that starts `done` samples after the last real one."""
    if done + len(made) <= FADE_FROM_SAMPLES:
        return made
    at = np.arange(done, done + len(made), dtype=np.float32)
    gain = np.clip((FADE_TO_SAMPLES - at) / (FADE_TO_SAMPLES - FADE_FROM_SAMPLES), 0.0, 1.0)
    return np.rint(made * gain).astype(np.int16)


def release(tail: Samples) -> Samples:
    """Return `tail` faded to silence over its whole length."""
    return np.rint(tail * np.linspace(1.0, 0.0, len(tail), dtype=np.float32)).astype(np.int16)


def merge(made: Samples, real: Samples) -> Samples:
    """Return `real` with its start crossfaded from `made` (at most `SEAM` samples)."""
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
