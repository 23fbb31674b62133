"""What is done with the voice of one talker before it is mixed."""

from __future__ import annotations

import msgspec

from common.basic.values import EqPreset, GateDb, Pan


class TalkerProcessing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The processing of one talker in the mix. Stems of a recording and OBS sources of one person are without it."""

    gate_db: GateDb | None = None
    """Below this level, in dBFS before gain, the voice is lowered. None is no gate."""
    suppress: bool = False
    """Suppress noise. It makes the talker's sound later (`MixerTalker.processing_ms`)."""
    eq: EqPreset = "off"
    pan: Pan = 0.0
    """Place between left and right, at constant power. Mono outputs have the voice as in the middle."""

    @property
    def words(self) -> str:
        """What is done with the voice, e.g. ``gate at -45 dBFS, noise suppression``, or ``unchanged``."""
        parts = [
            f"gate at {self.gate_db:g} dBFS" if self.gate_db is not None else "",
            "noise suppression" if self.suppress else "",
            f"equaliser for {self.eq}" if self.eq != "off" else "",
            f"panned {self.side}" if self.pan else "",
        ]
        return ", ".join(part for part in parts if part) or "unchanged"

    @property
    def side(self) -> str:
        """Where the voice is between left and right, e.g. ``40 % left``, or ``in the middle``."""
        if not self.pan:
            return "in the middle"
        return f"{round(abs(self.pan) * 100)} % {'left' if self.pan < 0 else 'right'}"
