"""The kept connection to OBS: whoever asks while it is closed gets one that answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from common.errors import PartylineError
from tests.cli.obs.fake_obs import FakeObs, fake_obs
from tests.support.waiting import until
from workers.obs.obs_link import ObsLink


class Watched:
    """What the worker does with the link."""

    def __init__(self, obs: FakeObs) -> None:
        self.closed_with: list[PartylineError] = []
        self.link = ObsLink(
            obs.settings,
            on_change=lambda: None,
            on_renamed=lambda _old, _new: None,
            on_open=asyncio.Event().wait,
            on_closed=self.closed_with.append,
        )


@pytest.fixture
async def kept() -> AsyncIterator[tuple[FakeObs, Watched]]:
    async with fake_obs() as obs:
        watched = Watched(obs)
        running = asyncio.create_task(watched.link.run())
        watched.link.want(wanted=True)
        await until(lambda: watched.link.obs is not None, "it is connected")
        yield obs, watched
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("turns", range(6))
async def test_who_asks_while_the_connection_is_closed_is_answered(kept: tuple[FakeObs, Watched], turns: int) -> None:
    _, watched = kept
    watched.link.want(wanted=False)
    for _ in range(turns):
        await asyncio.sleep(0)
    async with watched.link.session() as obs:
        for _ in range(3):
            assert (await obs.call("GetVersion"))["obsVersion"]
    assert watched.closed_with == []


async def test_a_connection_that_obs_closed_is_told_and_opened_anew(kept: tuple[FakeObs, Watched]) -> None:
    obs, watched = kept
    first = watched.link.obs
    await obs.close_clients()
    await until(lambda: watched.closed_with, "it is told")
    assert watched.closed_with[0].code == "obs.not-running"
    await until(lambda: watched.link.obs not in (None, first), "it is connected again")
