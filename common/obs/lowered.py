"""A game that our gain filter still lowers, though no worker is there to bring it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from common.config.tables import ObsSettings
from common.obs.change.game import set_gain
from common.obs.connection import ObsConnection, ObsError, connect
from common.obs.judge.lowering import GAIN
from common.obs.memory import MadeFilter, ObsMemoryFile

LIMIT_S = 8.0
"""For a command that is to end. OBS answers within milliseconds, and a machine that is off not at all."""


async def lowered(obs: ObsConnection, filters: Sequence[MadeFilter]) -> dict[str, float]:
    """Return source → dB of the sources that our `filters` lower now. Raises `ObsError`."""
    found = {}
    for made in filters:
        there = await obs.find("GetSourceFilter", sourceName=made.source, filterName=made.name)
        gain_db = float(there["filterSettings"].get("db", 0.0)) if there and there["filterKind"] == GAIN else 0.0
        if gain_db < 0:
            found[made.source] = gain_db
    return found


async def find_lowered(settings: ObsSettings, filters: Sequence[MadeFilter]) -> dict[str, float]:
    """Return the same, by a connection of its own. Raises `ObsError`."""
    async with _connection(settings) as obs:
        return await lowered(obs, filters)


async def give_back(settings: ObsSettings, memory: ObsMemoryFile) -> list[str]:
    """Bring what is lowered back to its volume. Return the sources. Raises `ObsError`.

    OBS is not asked if no filter is ours.
    """
    if not memory.now.filters:
        return []
    async with _connection(settings) as obs:
        found = await lowered(obs, memory.now.filters)
        if found:
            await set_gain(obs, memory, 0.0)
        return sorted(found)


@asynccontextmanager
async def _connection(settings: ObsSettings) -> AsyncIterator[ObsConnection]:
    try:
        async with asyncio.timeout(LIMIT_S), connect(settings) as obs:
            yield obs
    except TimeoutError:
        raise ObsError("OBS does not answer.", "Start OBS again.", code="obs.not-running") from None
