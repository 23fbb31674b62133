"""What is done with the voice of one talker before it is mixed."""

from __future__ import annotations

import msgspec

from common.basic.values import EqPreset, GateDb


class TalkerProcessing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The processing of one talker in the mix. Stems of a recording and OBS sources of one person are without it."""

    gate_db: GateDb | None = None
    """Below this level, in dBFS before gain, the voice is lowered. None is no gate."""
    suppress: bool = False
    """Suppress noise. It makes the talker's sound later (`MixerTalker.processing_ms`)."""
    eq: EqPreset = "off"
