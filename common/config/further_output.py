"""The table of one output besides the main one, `[audio.outputs.NAME]`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from common.basic.values import DelayMs, GainDb


class FurtherOutput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`partyline output` overrides all of it."""

    device: Annotated[str, msgspec.Meta(min_length=1)]
    """Part of the device's name."""
    gain_db: GainDb = 0.0
    """Gain of this output, on top of the mix's."""
    delay_ms: DelayMs | None = None
    """Delay of this output in place of the mix's. None means the mix's."""
    muted: bool = False
