"""Outputs besides the main one, and what is set for a single output."""

from __future__ import annotations

from typing import Any, ClassVar

from common.basic.values import DelayMs, GainDb, OutputName
from common.requests.base import Done, Request


class AddOutput(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: play the mix on one more device. It is remembered."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    device: str
    """Part of the device's name, or its number in `Devices`."""
    name: OutputName | None = None
    """None makes one from the device's name."""


class RemoveOutput(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: end a further output and forget it."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    name: OutputName
    """As `audio.mixer` has it."""


class SetOutput(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: what counts for one output; None leaves a value as it is. It is remembered."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    name: OutputName
    """As `audio.mixer` has it."""
    device: str | None = None
    """Another device. The main output's is chosen by `SelectDevice`."""
    gain_db: GainDb | None = None
    delay_ms: DelayMs | None = None
    """Delay of this output in place of the mix's."""
    follow_mix_delay: bool = False
    """Use the mix's delay again."""
    muted: bool | None = None
