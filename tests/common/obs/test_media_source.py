"""Waiting for a Media Source that connects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any, cast

from common.obs.connection import ObsConnection
from common.obs.media_source import PLAYING, await_playing


class Studio:
    """Answers with these states, one after the other. None: there is no such source."""

    def __init__(self, **states: Iterator[str | None]) -> None:
        self.states = states
        self.asked: list[str] = []

    async def find(self, request: str, *, inputName: str) -> dict[str, Any] | None:  # noqa: N803  # OBS's name
        assert request == "GetMediaInputStatus"
        self.asked.append(inputName)
        state = next(self.states[inputName])
        return None if state is None else {"mediaState": state}


async def waited(studio: Studio, within_s: float) -> list[str]:
    await await_playing(cast("ObsConnection", studio), studio.states, within_s)
    return studio.asked


async def test_each_source_is_waited_for_until_it_plays() -> None:
    opening = "OBS_MEDIA_STATE_OPENING"
    studio = Studio(a=chain([opening, opening], repeat(PLAYING)), b=repeat(PLAYING), gone=repeat(None))
    assert await waited(studio, 30) == ["a", "a", "a", "b", "gone"]


async def test_one_that_never_plays_is_given_up() -> None:
    began = asyncio.get_running_loop().time()
    assert set(await waited(Studio(a=repeat("OBS_MEDIA_STATE_ERROR")), 0.5)) == {"a"}
    assert asyncio.get_running_loop().time() - began >= 0.5
