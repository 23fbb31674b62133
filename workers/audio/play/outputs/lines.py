"""What the audio worker and the process of a further output tell each other, as lines of JSON. No I/O."""

from __future__ import annotations

from typing import Literal

import msgspec

Phase = Literal["starting", "playing", "waiting", "resting"]
LONGEST_LINE = 1 << 16
HUNG = 3
"""Exit code of a process in which a native call hangs."""


class PlayerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """audio → player, at its start and whenever it changes: all that is wanted."""

    device: str
    """Part of the device's name."""
    latency_ms: float = 20.0
    """Latency to request from the device."""
    queue_ms: int = 20
    gain_db: float = 0.0
    delay_ms: float = 0.0
    muted: bool = False
    needed: bool = True
    """Whether the device has to be open."""


class PlayerReport(msgspec.Struct, frozen=True, kw_only=True):
    """player → audio, twice a second and at each change."""

    device: str
    """`PlayerOrder.device` that the report is about."""
    phase: Phase
    target: str = ""
    """The device's full name, if it was found."""
    latency_ms: float = 0.0
    """Latency of the device."""
    age_ms: float = 0.0
    """From the talkers' frame to the device's callback, without the delay. 0 until there was sound."""
    clock_ppm: float = 0.0
    render_ms: float = 0.0
    spare_ms: float = 0.0
    missing: int = 0
    dropped: int = 0
    message: str = ""
    """Why it does not play, with the remedy. Empty while nothing is wrong."""
    remedy: str = ""
    facts: dict[str, str] = {}


def line(value: PlayerOrder | PlayerReport) -> bytes:
    return msgspec.json.encode(value) + b"\n"
