"""Waiting until something is so: from a thread with `eventually`, in an event loop with `until`.

Both ask again and again and fail with words. `until` goes by its loop's clock: in a loop of `tests.support.made_time`
it waits for nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Words = str | Callable[[], str]
"""What is waited for, or a function that says it when it did not happen."""
PATIENCE_S = 60.0
"""How long a condition may take before a test gives up: far more than it ever needs."""


def eventually(condition: Callable[[], T], what: Words, within_s: float = PATIENCE_S, every_s: float = 0.02) -> T:
    """Return the first truthy value of `condition`, asked each `every_s` seconds; fail after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise _never(what, within_s, value)
        time.sleep(every_s)
    return value


async def until(
    condition: Callable[[], T | Awaitable[T]], what: Words, within_s: float = PATIENCE_S, every_s: float = 0.01
) -> T:
    """Return the first truthy value of `condition`, which may be a coroutine function (no lambda). Like `eventually`.

    With `every_s` 0 it asks each time that the loop has run.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_s
    is_coroutine = inspect.iscoroutinefunction(condition)
    while not (value := (await condition()) if is_coroutine else condition()):  # type: ignore[misc]
        if clock() > deadline:
            raise _never(what, within_s, value)
        await asyncio.sleep(every_s)
    return value


def _never(what: Words, within_s: float, last: object) -> AssertionError:
    words = what if isinstance(what, str) else what()
    return AssertionError(f"within {within_s:g} s it did not happen that {words}; last: {last!r}")
