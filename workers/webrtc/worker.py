"""The webrtc worker: sends the mix, or one talker, to browsers on other machines.

It is a process of its own, so that neither the pages nor the mix depend on what listeners do to it.
"""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from common.bus.heard import HeardState
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import MixerState, PartyState, PeerState, WebRtcListeners
from common.run.wake import Wake
from common.run.worker import Worker
from workers.webrtc.admit.listening_permits import ListeningPermits
from workers.webrtc.connect import lan_ice
from workers.webrtc.connect.rtc_listeners import RtcListeners
from workers.webrtc.requests import WebRtcRequests

WATCHED = (PartyState, PeerState, MixerState)


class WebRtcWorker(Worker):
    name: ClassVar[str] = "webrtc"
    niceness: ClassVar[int] = -9  # somebody hears it at once, as with the gate

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._state = HeardState()
        self._listeners = RtcListeners(paths.run, self._state, self.bus.publish)
        self._permits = ListeningPermits(paths, time.time, time.monotonic)

    async def setup(self) -> None:
        lan_ice.install()
        self.bus.publish(WebRtcListeners())
        self.spawn(self._follow(), "follow the party")
        WebRtcRequests(self._permits, self._listeners).serve(self.bus)

    async def run(self) -> None:
        while True:
            connected = self._listeners.connected
            self.facts = {"listeners": str(connected), "packets too late": str(self._listeners.dropped)}
            self.set_health("running", f"{connected} listen" if connected else "nobody listens")
            await asyncio.sleep(1.0)

    def on_wake(self, wake: Wake) -> None:
        """Nothing is older than the consent of the listeners, which is asked for each second."""

    async def stop(self) -> None:
        self.bus.publish(WebRtcListeners())
        await self._listeners.close_all()

    async def _follow(self) -> None:
        async for received in self.bus.subscribe(*WATCHED):
            self._state.record(received)
            self._listeners.follow()
