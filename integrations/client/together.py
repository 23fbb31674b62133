"""Several jobs of one integration at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from common.basic.tasks import Tasks


async def together(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run the jobs until all have ended. The first error ends the others, and is raised as it is, in no group.

    Each is cancelled once, so that it can set back what it changed and close its connection. `asyncio.gather` would
    pass our cancellation on, raise it when the quickest job has ended, and have the others cancelled a second time.
    """
    tasks = Tasks()
    running = {tasks.spawn(job) for job in jobs}
    try:
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        await tasks.cancel()
