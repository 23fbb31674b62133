"""The test tone on pages that play a single talker. No I/O, no clock.

It is added to the talker's own packets. A page whose talker sends nothing gets packets of its own.
"""

from __future__ import annotations

import zlib

import numpy as np

from common.basic.tone import FRAME, Tone
from workers.dashboard.listen.audio_sources import FRAMES, Batch

BOOT = zlib.crc32(b"tone")
"""Stands for a sender of its own, so that a page begins its ticks anew."""
_FULL_SCALE = np.float32(32768)


class PageTone:
    """The tone of one page."""

    def __init__(self) -> None:
        self._tone = Tone()
        self._tick = 0

    def start(self, seconds: float) -> None:
        self._tone.start(seconds)

    @property
    def is_on(self) -> bool:
        return self._tone.is_on

    def added(self, batch: Batch) -> Batch:
        """Return the talker's packet with the tone, if it sounds."""
        if not self._tone.is_on:
            return batch
        return Batch(batch.boot, batch.tick, tuple(self._with_tone(samples) for samples in batch.samples))

    def alone(self) -> Batch:
        """Return the next packet of a page whose talker sends nothing."""
        self._tick += FRAMES
        return Batch(BOOT, self._tick, tuple(self._with_tone(b"") for _ in range(FRAMES)))

    def _with_tone(self, samples: bytes) -> bytes:
        frame = np.zeros(FRAME, np.float32)
        if samples:
            frame += np.frombuffer(samples, "<i2") / _FULL_SCALE
        self._tone.add_to(frame)
        return bytes(np.rint(np.clip(frame * _FULL_SCALE, -32768, 32767)).astype("<i2").tobytes())
