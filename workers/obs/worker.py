"""The obs worker: keeps our sources in OBS true to the party, once OBS was set up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import ClassVar

from common.basic.clock import boot_s
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import ObsState
from common.obs.memory import ObsMemoryFile, renamed
from common.run.wake import Wake
from common.run.worker import Worker
from workers.obs.ducker import GameDucker
from workers.obs.game_guard import GameGuard
from workers.obs.obs_link import ObsLink
from workers.obs.party_sound import WATCHED, PartySound
from workers.obs.requests import ObsRequests
from workers.obs.studio_care import StudioCare

POLL_S = 1.0
STOP_S = 2.0
"""Time for the game's volume at the end of this process."""
REFUSED = "obs.password"  # a problem's code


class ObsWorker(Worker):
    name: ClassVar[str] = "obs"
    niceness: ClassVar[int] = 5

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._party = PartySound()
        self._memory = ObsMemoryFile(paths.state / "obs.json")
        self._link = ObsLink(
            settings.obs,
            on_change=self._on_change,
            on_renamed=self._on_renamed,
            on_open=self._on_open,
            on_closed=self._on_closed,
        )
        self._care = StudioCare(paths, settings, self._link, self._memory, self._party, self.bus.publish)
        guard = GameGuard(self.log.warning)
        self._ducker = GameDucker(self._care, lambda: self._party.is_ducking(boot_s()), self._party.delay_s, guard)
        self._requests = ObsRequests(self, self.bus, self._care, self._link, self._memory)

    async def setup(self) -> None:
        self.bus.publish(ObsState(setup=self._memory.now.setup))
        self._requests.serve(self.bus)
        self.spawn(self._watch(), "watch")
        self.spawn(self._link.run(), "link")
        self.spawn(self._ducker.run(), "ducking")
        self.want()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if self._link.obs is not None:
                await self._care.poll(time.monotonic())

    def on_wake(self, wake: Wake) -> None:  # noqa: ARG002  # a pause of this process is the same
        """Look at OBS again. Its connection is on this machine, or closed by the first ping."""
        self._care.look_soon()

    async def stop(self) -> None:
        with contextlib.suppress(PartylineError, TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._ducker.restore()

    def want(self) -> None:
        """Keep a connection while something is set up."""
        wanted = self._memory.now.setup is not None
        self._link.want(wanted=wanted)
        if not wanted:
            self.set_health("running", "")
            self.clear_problem(REFUSED)

    # --- events ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        async for received in self.bus.subscribe(*WATCHED):
            self._party.record(received)
            self._care.on_party()

    def _on_change(self) -> None:
        self._care.look_soon()

    def _on_renamed(self, old: str, new: str) -> None:
        self._memory.put(renamed(self._memory.now, old, new))

    async def _on_open(self) -> None:
        self.set_health("running", "connected to OBS")
        self.clear_problem(REFUSED)
        self._ducker.forget()
        await self._care.on_open()

    def _on_closed(self, error: PartylineError) -> None:
        self._care.on_closed(error)
        if self._memory.now.setup is None:
            return
        self.set_health("running", "waits for OBS")
        if error.code == REFUSED:
            self.publish_problem(error.code, error.message, error.remedy, severity="warning")
