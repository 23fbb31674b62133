"""The sync offset of a source in OBS while the party's common delay changes. No I/O.

Whoever is in step with a picture stays so if the offset is shorter by as much as the delay is longer. An offset of 0 is
left alone: nobody has set one, and a negative one would have OBS delay everything else.
"""

from __future__ import annotations

import msgspec

from common.obs.memory import KeptSync

LEAST_MS, MOST_MS = -950, 20_000
"""The sync offsets that obs-websocket allows (SetInputAudioSyncOffset)."""


def followed(kept: KeptSync | None, found_ms: int, delay_ms: int, before_ms: int) -> KeptSync:
    """Return what to remember of a source. Its `set_ms` is the offset that OBS is to have.

    `found_ms`: the offset in OBS. `delay_ms`: the party's delay now. `before_ms`: the delay at the last look, for which
    an offset was set that is new here. It is the new base, and is not fought.
    """
    if kept is not None and found_ms in (kept.set_ms, kept.meant_ms):
        return msgspec.structs.replace(kept, set_ms=_wanted_ms(kept, delay_ms), meant_ms=None)
    kept = KeptSync(base_ms=found_ms, delay_ms=before_ms, set_ms=found_ms)
    return msgspec.structs.replace(kept, set_ms=_wanted_ms(kept, delay_ms))


def _wanted_ms(kept: KeptSync, delay_ms: int) -> int:
    wanted_ms = kept.base_ms - (delay_ms - kept.delay_ms)
    return min(max(wanted_ms, LEAST_MS), MOST_MS) if kept.base_ms else 0
