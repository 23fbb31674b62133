"""What is done with the voice of one talker before it is mixed."""

from __future__ import annotations

from typing import Any, ClassVar

from common.basic.values import EqPreset, GateDb, Pan
from common.requests.base import Done, Request


class SetTalkerProcessing(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: all of a talker's processing in the mix; what is not named is switched off."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key of the talker."""
    gate_db: GateDb | None = None
    """Level in dBFS before gain, below which the voice is lowered. None is no gate."""
    suppress: bool = False
    """Suppress noise. Refused where the library for it is not installed."""
    eq: EqPreset = "off"
    pan: Pan = 0.0
    """Place between left and right."""
