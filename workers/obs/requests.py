"""The requests that the obs worker serves: set up, remove, look, and the test tone."""

from __future__ import annotations

import asyncio
from typing import Protocol

from common.bus import Bus
from common.errors import PartylineError
from common.messages import ObsSetup, ObsState
from common.obs.change.game import audio_sources
from common.obs.judge.tone_test import ARRIVES_S, judge
from common.obs.media_source import await_playing
from common.obs.memory import ObsMemoryFile
from common.obs.overlay import put_overlay, take_overlay
from common.obs.setup import Studio, remove, set_up
from common.obs.status import LISTEN_S, unreachable
from common.requests import (
    CheckObs,
    ObsChanged,
    ObsTestResult,
    PutOverlayIntoObs,
    RemoveFromObs,
    SetUpObs,
    TakeOverlayFromObs,
    TestObs,
    TestTone,
)
from workers.obs.obs_link import ObsLink
from workers.obs.studio_care import StudioCare

BEFORE_S = 0.6
"""How long the meters are read before the tone. Chosen as a dozen of OBS's readings."""
AUDIO_S = 5.0
CONNECTS_S = 5.0
"""How long a Media Source may take to connect before the test. It tries each second."""


class LinkWish(Protocol):
    """What the requests need from the worker."""

    def want(self) -> None:
        """Keep a connection while something is set up."""


class ObsRequests:
    def __init__(self, worker: LinkWish, bus: Bus, care: StudioCare, link: ObsLink, memory: ObsMemoryFile) -> None:
        self._worker = worker
        self._bus = bus
        self._care = care
        self._link = link
        self._memory = memory

    def serve(self, bus: Bus) -> None:
        bus.serve(SetUpObs, self._serve_set_up)
        bus.serve(RemoveFromObs, self._serve_remove)
        bus.serve(PutOverlayIntoObs, self._serve_put_overlay)
        bus.serve(TakeOverlayFromObs, self._serve_take_overlay)
        bus.serve(CheckObs, self._serve_check)
        bus.serve(TestObs, self._serve_test)

    async def _serve_set_up(self, request: SetUpObs) -> ObsChanged:
        setup = ObsSetup(
            route=request.route,
            overlay=request.overlay,
            scene=request.scene,
            tracks=request.tracks,
            duck=request.duck,
            duck_source=request.duck_source if request.duck else "",
            device=request.device,
        )
        async with self._care.changing, self._care.studio() as studio:
            changes, notes = await set_up(studio, setup)
            state = await self._care.read(studio, {})
        self._worker.want()
        return ObsChanged(state=state, changes=tuple(changes), notes=tuple(notes))

    async def _serve_remove(self, _: RemoveFromObs) -> ObsChanged:
        async with self._care.changing, self._care.studio() as studio:
            changes = await remove(studio.obs, self._memory)
        self._worker.want()
        state = self._care.publish(ObsState())
        return ObsChanged(state=state, changes=tuple(changes))

    async def _serve_put_overlay(self, request: PutOverlayIntoObs) -> ObsChanged:
        async with self._care.changing, self._care.studio() as studio:
            changes = await put_overlay(studio, request)
            return ObsChanged(state=await self._care.read(studio, {}), changes=tuple(changes))

    async def _serve_take_overlay(self, _: TakeOverlayFromObs) -> ObsChanged:
        async with self._care.changing, self._care.studio() as studio:
            changes = await take_overlay(studio.obs, self._memory)
            return ObsChanged(state=await self._care.read(studio, {}), changes=tuple(changes))

    async def _serve_check(self, _: CheckObs) -> ObsState:
        try:
            async with self._care.changing, self._care.studio(meters=True) as studio:
                self._link.meters.take()
                await asyncio.sleep(LISTEN_S)
                return await self._care.read(studio)
        except PartylineError as error:
            return self._care.publish(unreachable(self._memory.now, error))

    async def _serve_test(self, request: TestObs) -> ObsTestResult:
        async with self._care.changing, self._care.studio(meters=True) as studio:
            state = await self._care.read(studio, {})
            streams = [one.name for one in state.sources if one.carries == "stream" and one.present]
            await await_playing(studio.obs, streams, CONNECTS_S)
            own = await _unmuted(studio, {one.name for one in state.sources})
            self._link.meters.take()
            await asyncio.sleep(BEFORE_S)
            before = self._link.meters.take()
            await self._bus.request(TestTone(seconds=request.seconds), AUDIO_S)
            await asyncio.sleep(request.seconds + ARRIVES_S)
            return judge(state.sources, own, before, self._link.meters.take())


async def _unmuted(studio: Studio, ours: set[str]) -> list[str]:
    """Return the user's own sources with sound that are not muted."""
    found = await audio_sources(studio.obs, ours)
    return [
        name for name in found if not (await studio.obs.find("GetInputMute", inputName=name) or {}).get("inputMuted")
    ]
