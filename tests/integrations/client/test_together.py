"""Parts of one integration, side by side."""

from __future__ import annotations

import asyncio

import pytest

from common.errors import PartylineError
from integrations.client.together import together


async def test_parts_that_run_together_end_together_with_the_first_ones_own_error() -> None:
    ended = []

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("goes on")

    async def fails(error: Exception) -> None:
        raise error

    with pytest.raises(PartylineError, match=r"No port\."):
        await together(goes_on(), fails(PartylineError("No port.")))
    assert ended == ["goes on"]
    with pytest.raises(ExceptionGroup):
        await together(goes_on(), fails(RuntimeError("bug")))
