"""Work that may block or hang in native code, awaited with a limit."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(job: Callable[[], T], *, name: str, wait_s: float) -> T:
    """Run `job` in its own thread called `name`. Return what it returns, raise what it raises.

    Raises `TimeoutError` after `wait_s` seconds. The thread then goes on alone. It is a daemon, so unlike an
    executor's thread it keeps no process alive.
    """
    async with asyncio.timeout(wait_s):
        return await started(job, name=name)


def started(job: Callable[[], T], *, name: str) -> asyncio.Future[T]:
    """Run `job` in its own daemon thread called `name`. Return the future of its result."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = job(), None
        except BaseException as error:  # noqa: BLE001  # raised where it is awaited
            outcome = None, error
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody awaits the result
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name=name, daemon=True).start()
    return done
