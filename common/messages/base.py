"""The base class of every message, and the audio format of the whole pipeline."""

from __future__ import annotations

from typing import ClassVar

import msgspec

FRAME_MS = 10
"""Length of one audio frame on the audio plane, in milliseconds."""
SAMPLE_RATE = 48_000
"""Sampling rate of all PCM inside the pipeline, in hertz."""
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
"""Samples in one audio frame."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A published message. `TOPIC`, `RETAINED` and `key` define its topic and whether it is retained."""

    TOPIC: ClassVar[str]
    RETAINED: ClassVar[bool] = False

    def key(self) -> str:
        """Return what distinguishes this message from others of its class, or "" if there is only one."""
        return ""

    def topic(self) -> str:
        return f"{self.TOPIC}/{self.key()}"
