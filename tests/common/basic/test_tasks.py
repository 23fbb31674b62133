"""Background tasks: a finished one is let go, and all that still run end together."""

from __future__ import annotations

import asyncio

from common.basic.tasks import Tasks


async def test_cancelled_tasks_have_cleaned_up_when_cancel_returns() -> None:
    tasks, cleaned = Tasks(), []

    async def job(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(name)

    tasks.spawn(job("a"))
    tasks.spawn(job("b"))
    await asyncio.sleep(0)
    await tasks.cancel()
    assert sorted(cleaned) == ["a", "b"]


async def test_a_failed_task_does_not_keep_the_others_from_ending() -> None:
    tasks = Tasks()

    async def fails() -> None:
        raise KeyError("it")

    failed, waits = tasks.spawn(fails()), tasks.spawn(asyncio.Event().wait())
    await asyncio.wait({failed})
    await tasks.cancel()
    assert isinstance(failed.exception(), KeyError)
    assert waits.cancelled()
