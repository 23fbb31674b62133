"""Tasks that run as long as all of them do."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from common.errors import PartylineError
from integrations.client.together import together


async def test_when_one_fails_the_others_are_cancelled_and_its_error_is_raised_as_it_is() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise PartylineError("No port.", "Choose another.")

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("set back")

    with pytest.raises(PartylineError, match="No port"):
        await together(goes_on(), fails())
    assert ended == ["set back"]


async def test_a_cancellation_reaches_all_and_they_are_awaited() -> None:
    ended: list[int] = []

    async def part(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(number)

    running = asyncio.create_task(together(part(1), part(2)))
    for _ in range(3):  # until both parts wait
        await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert running.cancelled()
    assert sorted(ended) == [1, 2]


async def test_a_job_that_takes_longer_to_end_than_another_is_not_cancelled_again() -> None:
    ended: list[str] = []

    async def part(name: str, steps: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(steps):
                await asyncio.sleep(0)
            ended.append(name)

    running = asyncio.create_task(together(part("ends at once", 0), part("sets back", 20)))
    for _ in range(3):  # until both parts wait
        await asyncio.sleep(0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert ended == ["ends at once", "sets back"]


async def test_a_job_that_is_cancelled_by_itself_ends_the_others() -> None:
    ended: list[str] = []

    async def gives_up() -> None:
        raise asyncio.CancelledError

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("set back")

    with pytest.raises(asyncio.CancelledError):
        await together(gives_up(), goes_on())
    assert ended == ["set back"]
