"""The automatic join of the demo party in the simulator's network, unless the user asked to leave."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable

from common.errors import PartylineError
from common.messages import PartyState
from common.psn.errors import NoSimulatorError
from common.psn.http.endpoints import EndpointSource
from workers.session.automatic.follower import Follower
from workers.session.member.membership import Membership

LOOK_S = 0.5
"""How often the simulator's file is checked while there is no party."""
LONGEST_BACKOFF_S = 30.0


class DemoJoin:
    """The automatic join. Call `run` once, and `poke` after any change."""

    def __init__(
        self, endpoints: EndpointSource, membership: Membership, follower: Follower, push_open: asyncio.Event
    ) -> None:
        self._endpoints = endpoints
        self._membership = membership
        self._follower = follower
        self._push_open = push_open
        self._poked = asyncio.Event()

    def poke(self) -> None:
        self._poked.set()

    def link(self) -> str:
        """Return the demo party's link that the simulator offers now. Raises `NoSimulatorError`."""
        self._endpoints.forget()
        simulator = self._endpoints.current().simulator
        return simulator.party_link if simulator else ""

    async def run(
        self, join: Callable[[str], Awaitable[PartyState]], trouble: Callable[[PartylineError], None]
    ) -> None:
        failures = 0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._poked.wait()
            self._poked.clear()
            memory = self._membership.memory
            stays = memory.phase != "none" or memory.left_under == os.getppid() or self._follower.follows
            if stays or not self._push_open.is_set():
                continue
            try:
                await join(self.link())
            except NoSimulatorError:
                self._endpoints.forget()
            except PartylineError as error:
                failures += 1
                self._endpoints.forget()
                trouble(error)
                await asyncio.sleep(min(LONGEST_BACKOFF_S, 2.0 ** (failures - 1)))
            else:
                failures = 0
