"""Lowers the game in OBS by its gain filter while the party speaks, and brings it back whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from common.errors import PartylineError
from common.obs.judge.lowering import STEP_S, Delayed, Ramp

IDLE_S = 0.05
"""How often it is asked whether the party speaks. audio decides that ten times a second."""


class Game(Protocol):
    """The game's source in OBS."""

    def is_moved(self) -> bool:
        """Return whether there is a gain filter to move."""
        ...

    async def set_gain(self, gain_db: float) -> None:
        """Set its gain. Raises `PartylineError`."""
        ...


class Guard(Protocol):
    """Gives the game its volume back if this process is killed while it is lowered."""

    def watch(self) -> None: ...

    def release(self) -> None: ...


class GameDucker:
    def __init__(self, game: Game, is_ducking: Callable[[], bool], delay_s: Callable[[], float], guard: Guard) -> None:
        """`is_ducking` returns whether the party speaks now, `delay_s` how much later OBS hears it."""
        self._game = game
        self._is_ducking = is_ducking
        self._delay_s = delay_s
        self._guard = guard
        self._delayed = Delayed()
        self._ramp = Ramp()
        self._is_certain = False
        """Whether the filter is known to stand where the ramp does. An earlier run may have left it anywhere."""
        self._is_over = False

    def forget(self) -> None:
        """Set the gain anew: OBS, or its filter, is another one."""
        self._is_certain = False

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        at = clock()
        while not self._is_over:
            now = clock()
            moved, at = now - at, now
            if not self._game.is_moved():
                self._is_certain = False
                await asyncio.sleep(IDLE_S)
                continue
            self._ramp.set_active(active=self._delayed.at(now, self._delay_s(), active=self._is_ducking()))
            if not self._ramp.is_moving and self._is_certain:
                await asyncio.sleep(IDLE_S)
                continue
            await self._set(self._ramp.move(min(moved, IDLE_S)))
            await asyncio.sleep(STEP_S)

    async def _set(self, gain_db: float) -> None:
        try:
            if gain_db < 0:
                self._guard.watch()
            await self._game.set_gain(gain_db)
            self._is_certain = True
        except PartylineError:  # OBS is gone, or busy: the link tells, and the gain is set again when it is back
            self._is_certain = False
            await asyncio.sleep(1.0)

    async def restore(self) -> None:
        """Bring the game back to its volume at once, for the end of this process. Raises `PartylineError`."""
        self._is_over = True
        if self._game.is_moved():
            await self._game.set_gain(0.0)
            self._guard.release()  # else it gives the volume back once OBS answers
