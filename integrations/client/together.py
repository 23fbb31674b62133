"""Several jobs of one integration at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from common.basic.tasks import Tasks


async def together(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run the jobs until all have ended. The first error ends the others, and is raised as it is, in no group."""
    tasks = Tasks()
    try:
        await asyncio.gather(*map(tasks.spawn, jobs))
    finally:
        await tasks.cancel()
