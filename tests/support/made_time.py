"""An event loop whose clock is made: while nothing is due it jumps to the next timer, so that waiting takes no time.

For code that waits by its loop alone (`asyncio.sleep`, `asyncio.timeout`, `call_later`). What waits for a thread, a
process or a socket needs real time, which this loop would overtake.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Returns what is ready now, and adds the time that it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        if timeout is None:
            raise RuntimeError("nothing would ever happen: every task waits for something without a timer")
        self.now_s += max(0.0, timeout)
        return []


class MadeTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run `job` to its end in a loop of its own, like `asyncio.run`."""
    with asyncio.Runner(loop_factory=MadeTimeLoop) as runner:
        return runner.run(job)


def in_made_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Have a test run in a loop of its own with a made clock."""

    @functools.wraps(test)
    def timed(*arguments: P.args, **named: P.kwargs) -> T:
        return run(test(*arguments, **named))

    return timed
