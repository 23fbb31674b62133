"""The game's gain: moved by whether the party speaks, and brought back whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.errors import PartylineError
from common.obs.judge.lowering import ATTACK_S, DEPTH_DB, RELEASE_S
from tests.support.made_time import in_made_time
from workers.obs.ducker import IDLE_S, GameDucker


class Game:
    """A game in OBS, and the party beside it."""

    def __init__(self) -> None:
        self.there = True
        self.refuses = False
        self.speaking = False
        self.delay_s = 0.0
        self.gains: list[float] = []
        self.guarded: list[str] = []

    def is_moved(self) -> bool:
        return self.there

    def watch(self) -> None:
        self.guarded.append("watch")

    def release(self) -> None:
        self.guarded.append("release")

    async def set_gain(self, gain_db: float) -> None:
        if self.refuses:
            raise PartylineError("OBS is gone.")
        self.gains.append(gain_db)


@asynccontextmanager
async def ducked(game: Game) -> AsyncIterator[GameDucker]:
    ducker = GameDucker(game, lambda: game.speaking, lambda: game.delay_s, game)
    running = asyncio.create_task(ducker.run())
    try:
        yield ducker
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@in_made_time
async def test_it_is_set_once_at_the_start_since_an_earlier_run_may_have_left_it_anywhere() -> None:
    game = Game()
    async with ducked(game) as ducker:
        await asyncio.sleep(1.0)
        assert game.gains == [0.0]
        ducker.forget()
        await asyncio.sleep(1.0)
    assert game.gains == [0.0, 0.0]


@in_made_time
async def test_it_goes_down_and_comes_back_in_small_steps() -> None:
    game = Game()
    async with ducked(game):
        await asyncio.sleep(0.1)
        game.speaking = True
        await asyncio.sleep(ATTACK_S + 2 * IDLE_S)
        assert game.gains[-1] == -DEPTH_DB
        assert max(a - b for a, b in zip(game.gains, game.gains[1:], strict=False)) <= DEPTH_DB * IDLE_S / ATTACK_S
        game.speaking = False
        await asyncio.sleep(RELEASE_S + 2 * IDLE_S)
    assert game.gains[-1] == 0.0


@in_made_time
async def test_an_obs_that_refuses_gets_the_gain_when_it_is_back() -> None:
    game = Game()
    async with ducked(game):
        game.speaking = game.refuses = True
        await asyncio.sleep(3.0)
        game.refuses = game.speaking = False
        await asyncio.sleep(3.0)
    assert game.gains[-1] == 0.0


@in_made_time
async def test_the_end_brings_it_back_in_mid_move_and_for_good() -> None:
    game = Game()
    async with ducked(game) as ducker:
        game.speaking = True
        await asyncio.sleep(IDLE_S + ATTACK_S / 2)
        assert -DEPTH_DB < game.gains[-1] < 0.0
        await ducker.restore()
        await asyncio.sleep(1.0)
    assert game.gains[-1] == 0.0


@in_made_time
async def test_without_a_filter_nothing_is_set() -> None:
    game = Game()
    game.there = False
    async with ducked(game) as ducker:
        game.speaking = True
        await asyncio.sleep(1.0)
        await ducker.restore()
    assert game.gains == []


@in_made_time
async def test_it_is_guarded_from_before_the_first_step_down_until_its_volume_is_back() -> None:
    game = Game()
    async with ducked(game) as ducker:
        await asyncio.sleep(1.0)
        assert game.guarded == []
        game.speaking = True
        await asyncio.sleep(ATTACK_S + 2 * IDLE_S)
        assert set(game.guarded) == {"watch"}
        await ducker.restore()
        assert game.guarded[-1] == "release"


@in_made_time
async def test_a_game_whose_volume_could_not_be_given_back_stays_guarded() -> None:
    game = Game()
    async with ducked(game) as ducker:
        game.speaking = True
        await asyncio.sleep(1.0)
        game.there = False
        await ducker.restore()
    assert "release" not in game.guarded
