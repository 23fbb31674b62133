"""What is done in OBS and told of it: one change at a time, and its state whenever something may be different."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Message, ObsState
from common.obs import page_urls
from common.obs.change.devices import is_on_mac, usual_devices
from common.obs.change.game import set_gain
from common.obs.connection import ObsConnection, ObsError
from common.obs.judge.remarks import HEARD_DB
from common.obs.memory import ObsMemoryFile
from common.obs.setup import Studio, follow
from common.obs.status import read_state, unreachable, with_levels
from common.obs.wanted import HIDE_AFTER_S
from workers.obs.obs_link import ObsLink
from workers.obs.party_sound import PartySound

LOOK_S = 10.0
"""Time between two looks at OBS without an event. They hide who has left, and find what no event tells."""
SETTLE_S = 0.3
"""A look waits this long after an event, since one action of the user's makes several."""

log = structlog.get_logger("obs")


class StudioCare:
    def __init__(  # noqa: PLR0913, PLR0917  # the worker's parts
        self,
        paths: Paths,
        settings: Settings,
        link: ObsLink,
        memory: ObsMemoryFile,
        party: PartySound,
        publish: Callable[[Message], object],
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._link = link
        self._memory = memory
        self._party = party
        self._publish = publish
        self.changing = asyncio.Lock()
        """Held by whoever changes OBS."""
        self._state = ObsState(setup=memory.now.setup)
        self._touched = asyncio.Event()
        self._looked_at = -LOOK_S
        self._seen: object = None
        """What the last look knew of the party."""
        self._delay_ms: int | None = None
        """The party's common delay, as that look knew it."""
        self._has_delay_changed = False

    @asynccontextmanager
    async def studio(self, *, meters: bool = False) -> AsyncIterator[Studio]:
        """Yield OBS and what is known beside it. Raises `PartylineError`."""
        async with self._link.session(meters=meters) as obs:
            url = await asyncio.to_thread(page_urls.maker, self._paths, self._settings, obs.own_address)
            view = self._party.view(time.time())
            usual = usual_devices(view.device, self._settings.audio.device, is_mac=sys.platform == "darwin")
            yield Studio(obs, self._memory, url, view, usual, is_on_mac(await obs.call("GetVersion")))

    async def read(self, studio: Studio, levels: dict[str, float] | None = None) -> ObsState:
        """Read the state, and publish it. Raises `ObsError`."""
        self._looked_at = time.monotonic()
        state = await read_state(studio, self._link.meters.take() if levels is None else levels)
        return self.publish(state)

    def publish(self, state: ObsState) -> ObsState:
        """Publish the state, and return it. Nothing is told where nothing is set up, since nobody would update it."""
        told = state if self._memory.now.setup is not None else ObsState()
        if told != self._state:
            self._state = told
            self._publish(told)
        return state

    # --- while the connection is kept --------------------------------------------------------------

    def look_soon(self) -> None:
        """Look at OBS again soon."""
        self._touched.set()

    def on_party(self) -> None:
        """Look again if what OBS depends on has changed."""
        view = self._party.view(time.time())
        muted = {account: heard.muted for account, heard in view.talkers.items()}
        seen = (view.is_known, view.members, view.device, view.plays_on_default, view.pages, muted, view.delay_ms)
        if seen != self._seen:
            self._seen = seen
            self._has_delay_changed |= view.delay_ms != self._delay_ms
            self._delay_ms = view.delay_ms
            self.look_soon()

    async def on_open(self) -> None:
        """Look at OBS now, and after each change while the connection lasts."""
        self.look_soon()
        while True:
            await self._touched.wait()
            # the sync offset is to move in the pause in which the delay did, as OBS hears it
            await asyncio.sleep(self._party.delay_s() if self._has_delay_changed else SETTLE_S)
            self._touched.clear()
            self._has_delay_changed = False
            await self._look()

    async def poll(self, now: float) -> None:
        """Tell the levels, and look again after a while. Called once a second while connected."""
        if self.changing.locked():
            return  # whoever holds it may be reading the meters, e.g. for the test tone
        levels = self._link.meters.take()
        if self._state.connected and any(levels.get(one.name, HEARD_DB) > HEARD_DB for one in self._state.sources):
            self.publish(with_levels(self._state, levels))
        if now - self._looked_at > self._look_after_s():
            self.look_soon()

    def _look_after_s(self) -> float:
        """Return the time until the next look: sooner while somebody has just left, whose source is to be hidden."""
        now = time.time()
        has_left = any(0 <= now - since < 2 * HIDE_AFTER_S for since in self._memory.now.absent_since.values())
        return HIDE_AFTER_S / 2 if has_left else LOOK_S

    async def _look(self) -> None:
        async with self.changing:
            try:
                async with self.studio() as studio:
                    for change in await follow(studio, time.time()):
                        log.info("a source in OBS", source=change.name, done=change.done)
                    await self.read(studio)
            except PartylineError as error:
                log.warning("OBS could not be looked after", error=error.message)
                self.publish(unreachable(self._memory.now, error))
            except (KeyError, TypeError, ValueError) as error:  # an OBS that we do not know
                log.exception("OBS answered in an unknown form")
                unknown = ObsError(
                    f"OBS answered in a form that is not known here ({type(error).__name__}).",
                    "Update OBS and partyline. `partyline report` collects what is needed to mend this.",
                    code="obs.unknown-answer",
                )
                self.publish(unreachable(self._memory.now, unknown))
            finally:
                self._looked_at = time.monotonic()

    def on_closed(self, error: PartylineError) -> None:
        """Tell why there is no connection."""
        if self._memory.now.setup is not None:
            self.publish(unreachable(self._memory.now, error))

    # --- the game ----------------------------------------------------------------------------------

    def is_moved(self) -> bool:
        return self._link.obs is not None and self._state.ducked_by == "volume"

    async def set_gain(self, gain_db: float) -> None:
        obs: ObsConnection | None = self._link.obs
        if obs is not None:
            await set_gain(obs, self._memory, gain_db)
