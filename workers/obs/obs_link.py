"""The connection to OBS that is kept while something is set up there. An OBS that does not run is no error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from common.config.tables import ObsSettings
from common.errors import PartylineError
from common.obs.connection import Meters, ObsConnection, connect

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
"""The wait doubles up to this. Chosen so that an OBS that was just started is found before its user is ready."""
CHANGES = (
    "InputCreated",
    "InputRemoved",
    "InputNameChanged",
    "InputMuteStateChanged",
    "InputVolumeChanged",
    "InputAudioSyncOffsetChanged",
    "SceneItemCreated",
    "SceneItemRemoved",
    "SceneItemEnableStateChanged",
    "CurrentProgramSceneChanged",
    "CurrentSceneCollectionChanged",
    "SceneListChanged",
)
"""Events after which our sources are looked at again."""


class ObsLink:
    """The connection, open or not."""

    def __init__(
        self,
        settings: ObsSettings,
        *,
        on_change: Callable[[], None],
        on_renamed: Callable[[str, str], None],
        on_open: Callable[[], Awaitable[None]],
        on_closed: Callable[[PartylineError], None],
    ) -> None:
        """`on_change`: something changed in OBS. `on_closed`: with why there is no connection."""
        self._settings = settings
        self._on_change = on_change
        self._on_renamed = on_renamed
        self._on_open = on_open
        self._on_closed = on_closed
        self._wanted = asyncio.Event()
        self._unwanted = asyncio.Event()
        self._retry_now = asyncio.Event()
        self._obs: ObsConnection | None = None
        self.meters = Meters()

    @property
    def obs(self) -> ObsConnection | None:
        """The kept connection, or None if there is none."""
        return self._obs

    def want(self, *, wanted: bool) -> None:
        """Keep a connection from now on, or no more."""
        if wanted:
            self._unwanted.clear()
            self._wanted.set()
            self._retry_now.set()
        else:
            self._wanted.clear()
            self._unwanted.set()
            self._obs = None  # it is about to be closed: whoever asks from now on opens one for this once

    async def run(self) -> None:
        wait_s = FIRST_RETRY_S
        while True:
            await self._wanted.wait()
            self._retry_now.clear()
            try:
                async with connect(self._settings, meters=True, changes=True) as obs:
                    wait_s = FIRST_RETRY_S
                    await self._keep(obs)
                if self._wanted.is_set():
                    self._on_closed(_ended())
            except PartylineError as error:
                self._on_closed(error)
            try:
                async with asyncio.timeout(wait_s):
                    await self._retry_now.wait()
            except TimeoutError:
                wait_s = min(LONGEST_RETRY_S, 2 * wait_s)

    async def _keep(self, obs: ObsConnection) -> None:
        self.meters = Meters()
        obs.on("InputVolumeMeters", self.meters.on_event)
        for event in CHANGES:
            obs.on(event, self._on_event)
        obs.on("InputNameChanged", self._on_name)
        self._obs = obs
        opened = asyncio.ensure_future(self._on_open())
        ends = {opened, asyncio.ensure_future(obs.wait_closed()), asyncio.ensure_future(self._unwanted.wait())}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if opened.done():
                opened.result()  # a fault of ours ends the worker
        finally:
            self._obs = None  # closing takes a moment
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def _on_name(self, data: dict[str, Any]) -> None:
        self._on_renamed(str(data["oldInputName"]), str(data["inputName"]))

    async def _on_event(self, _data: dict[str, Any]) -> None:
        self._on_change()

    @asynccontextmanager
    async def session(self, *, meters: bool = False) -> AsyncIterator[ObsConnection]:
        """Yield the kept connection, or else one for this once. Raises `ObsError`."""
        if self._obs is not None:
            yield self._obs
            return
        async with connect(self._settings, meters=meters) as obs:
            if meters:
                obs.on("InputVolumeMeters", self.meters.on_event)
            yield obs


def _ended() -> PartylineError:
    return PartylineError("OBS was closed.", "Start OBS. partyline finds it by itself.", code="obs.not-running")
