"""Moves the sync offsets of our sources by what the party's common delay changes, so that lips stay in step."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from common.obs.connection import ObsConnection
from common.obs.judge.sync_offset import followed
from common.obs.memory import KeptSync, ObsMemoryFile

MOST_KEPT = 64
"""How many sources are remembered, the latest ones: a member's source may be removed and come back with its offset."""

log = structlog.get_logger("obs")


async def keep_in_step(obs: ObsConnection, memory: ObsMemoryFile, names: Sequence[str], delay_ms: int) -> None:
    """Keep the sources `names` in step with the picture at the common delay `delay_ms`. Raises `ObsError`."""
    before_ms = delay_ms if memory.now.delay_ms is None else memory.now.delay_ms
    sync = dict(memory.now.sync)
    moved: dict[str, KeptSync] = {}
    for name in names:
        found = await obs.find("GetInputAudioSyncOffset", inputName=name)
        if found is None:
            continue
        found_ms = round(found["inputAudioSyncOffset"])
        kept = followed(sync.pop(name, None), found_ms, delay_ms, before_ms)
        if kept.set_ms != found_ms:
            moved[name] = kept
            kept = msgspec.structs.replace(kept, set_ms=found_ms, meant_ms=kept.set_ms)
        sync[name] = kept
    sync = dict(list(sync.items())[-MOST_KEPT:])
    memory.change(delay_ms=delay_ms, sync=sync)  # before OBS has it: who is killed in between knows it for our own
    for name, kept in moved.items():
        await obs.find("SetInputAudioSyncOffset", inputName=name, inputAudioSyncOffset=kept.set_ms)
        log.info("a sync offset in OBS", source=name, offset_ms=kept.set_ms, delay_ms=delay_ms)
    memory.change(sync={**sync, **{name: kept for name, kept in moved.items() if name in sync}})
