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
