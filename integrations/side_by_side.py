"""Runs integrations side by side. One that fails is told and tried again, and the others go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from common.errors import PartylineError
from integrations.catalogue import Around, Run

WAITS_S = (2.0, 5.0, 15.0, 60.0)
"""Waits before one that failed is tried again, the last one for all further ones. They are chosen so that a short fault
is over soon, and a lasting one fills no log."""
STEADY_S = 120.0
"""Whoever ran for so long begins with the shortest wait again."""


async def run_all(names: Sequence[str], around: Around, load: Callable[[str], Run]) -> None:
    """Run them until cancelled."""
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(keep_running(name, around, load))


async def keep_running(
    name: str, around: Around, load: Callable[[str], Run], waits_s: Sequence[float] = WAITS_S
) -> None:
    """Run one until cancelled."""
    log = structlog.get_logger(name).bind(integration=name)
    failures = 0
    while True:
        began = time.monotonic()
        try:
            await load(name)(around)
            log.error("ended by itself")
        except PartylineError as error:
            log.error("cannot go on", error=error.message, remedy=error.remedy)  # noqa: TRY400  # a sentence
        except Exception:
            log.exception("failed")
        if time.monotonic() - began > STEADY_S:
            failures = 0
        await asyncio.sleep(waits_s[min(failures, len(waits_s) - 1)])
        failures += 1
