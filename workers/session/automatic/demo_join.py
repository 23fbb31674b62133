"""The automatic join of the demo party in the simulator's network, unless the user asked to leave."""

from __future__ import annotations

import asyncio
import contextlib
import os

from common.errors import PartylineError
from common.psn.errors import NoSimulatorError
from common.psn.http.endpoints import EndpointSource
from workers.session.automatic.follower import Follower
from workers.session.member.join_tasks import JoinTasks
from workers.session.member.party_problems import PartyProblems
from workers.session.memory import PartyMemoryFile

POLL_S = 0.5
"""How often the simulator's file is checked while there is no party."""
LONGEST_BACKOFF_S = 30.0
"""The longest delay of a retry. The first one is 1 s, and it doubles with each failure."""


class DemoJoin:
    """The automatic join. Call `run` once, and `wake` after any change."""

    def __init__(
        self, endpoints: EndpointSource, file: PartyMemoryFile, follower: Follower, push_open: asyncio.Event
    ) -> None:
        self._endpoints = endpoints
        self._file = file
        self._follower = follower
        self._push_open = push_open
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    def link(self) -> str:
        """Return the demo party's link that the simulator offers now. Raises `NoSimulatorError`."""
        self._endpoints.forget()
        simulator = self._endpoints.current().simulator
        return simulator.party_link if simulator else ""

    async def run(self, joins: JoinTasks, problems: PartyProblems) -> None:
        failures = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
            self._woken.clear()
            memory = self._file.now
            stays = memory.phase != "none" or memory.left_under == os.getppid() or self._follower.follows
            if stays or not self._push_open.is_set():
                continue
            try:
                await joins.start(self.link())
            except NoSimulatorError:
                self._endpoints.forget()
            except PartylineError as error:
                failures += 1
                self._endpoints.forget()
                problems.on_join_failed(error)
                await asyncio.sleep(min(LONGEST_BACKOFF_S, 2.0 ** (failures - 1)))
            else:
                failures = 0
