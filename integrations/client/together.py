"""Parts of one integration that run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from common.errors import PartylineError


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them until one fails or this is cancelled. Raises a `PartylineError` as such, without a group around it."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except ExceptionGroup as failed:
        for error in failed.exceptions:
            if isinstance(error, PartylineError):
                raise error from failed
        raise
