"""The dashboard worker, which shows the party in a browser and in OBS, and takes requests from there."""

from __future__ import annotations

import asyncio

from aiohttp import WSCloseCode

from common.api.key_uses import KeyUses
from common.basic.clock import boot_s
from common.bus.peers.pages import paired_pages
from common.config.pages import base_url
from common.config.settings import is_loopback
from common.config.tables import Settings
from common.errors import BusUnreachableError
from common.files.paths import Paths
from common.messages import (
    STALE_S,
    LevelsWanted,
    ListeningPages,
    PartyState,
    RecordingList,
    TonePlays,
    WebRtcListeners,
    WorkerHealth,
)
from common.run.wake import Wake
from common.run.worker import Worker
from workers.dashboard.api.door import ApiDoor
from workers.dashboard.avatars.avatar_updater import AvatarUpdater
from workers.dashboard.avatars.images import Avatars
from workers.dashboard.avatars.playstation_avatars import PlayStationAvatars
from workers.dashboard.listen.listeners import Listeners
from workers.dashboard.listen.sound_sockets import SoundSockets
from workers.dashboard.listen.sound_streams import SoundStreams
from workers.dashboard.live.api_keys import PageApiKeys
from workers.dashboard.live.page_requests import PageRequests
from workers.dashboard.live.people_sockets import PeopleSockets
from workers.dashboard.live.state_sockets import StateSockets, page_constants
from workers.dashboard.page_server import PageServer, port_problem
from workers.dashboard.serve import site
from workers.dashboard.serve.other_devices import OtherDevices
from workers.dashboard.serve.page_keys import KeyChange, PageKeys
from workers.dashboard.serve.played_recordings import PlayedRecordings
from workers.dashboard.state import WATCHED, PageState, StateChange

POLL_S = 1.0
SETTLE_S = 3.0
"""Time for the publishers to publish their retained messages again after a broker's restart."""
PORT_RETRY_S = 3.0
ANSWER_S = 1.0
"""Time for a page to receive the answer before a restart that it asked for."""
PORT_PROBLEM = "dashboard.port"
KEYS_PROBLEM = "dashboard.keys"
API_KEYS_PROBLEM = "api.keys"
AVATARS_PROBLEM = "dashboard.avatars"


class Dashboard(Worker):
    name = "dashboard"

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._state = PageState()
        self._keys = PageKeys(paths)
        avatars = Avatars(self._keys.read_key)
        source = PlayStationAvatars(self.bus, settings, paths)
        self._avatar_updater = AvatarUpdater(avatars, paths.avatars, paths.cache / "pictures", source)
        self._played = PlayedRecordings(lambda: self._state.one(RecordingList))
        uses = KeyUses(paths)
        requests = PageRequests(
            *(self.bus, paths, self._state),
            played=self._played,
            keys=PageApiKeys(paths, uses),
            end_self=self._schedule_stop,
        )
        self._state_sockets = StateSockets(
            self._state, requests, self._keys.rights, avatars.of, page_constants(settings.psn)
        )
        self._people_sockets = PeopleSockets(self._state, self._keys.rights, avatars.of, self._keys.read_key)
        listeners = self._listeners = Listeners(paths.run, self._state, self.bus.publish)
        self._sound_sockets = SoundSockets(listeners, self._keys.rights)
        self._api = ApiDoor(
            *(self.bus, paths, self._state, settings.api), page_rights=self._keys.rights, uses=uses, wake=requests.wake
        )
        self._others = OtherDevices(paths, settings.dashboard, self._keys, self)
        self._server = PageServer(
            settings.dashboard,
            self._keys,
            self._state,
            state_sockets=self._state_sockets,
            people_sockets=self._people_sockets,
            sound_sockets=self._sound_sockets,
            api=self._api,
            sound_streams=SoundStreams(listeners, self._keys.rights),
            avatars=avatars,
            played=self._played,
            certificates=self._others.certificates,
            exposed=self._others.exposed,
            paired=paired_pages.socket_of(paths.run),
        )
        self._broker_boot = ""
        self._awake_since = boot_s()  # older heartbeats of the broker say nothing about the bus

    async def setup(self) -> None:
        self._poll_keys()
        self._avatar_updater.setup()
        await self._server.setup()
        self.spawn(self._receive(), "receive")
        self.spawn(self._receive_listening(), "listening")
        self.bus.publish(ListeningPages())
        self.bus.publish(LevelsWanted())
        self.spawn(self._poll(), "poll")
        self.spawn(self._open_port(), "open the port")

    def on_wake(self, wake: Wake) -> None:  # noqa: ARG002  # a pause of this process is the same
        """Let the broker beat first, so that the pages do not report a lost bus. Their sockets stay open.

        Those of this machine outlive a sleep. Another one's is alive, or the first frame that is sent closes it.
        """
        self._awake_since = boot_s()

    async def stop(self) -> None:
        self.bus.publish(ListeningPages())
        self.bus.publish(LevelsWanted())
        await self._avatar_updater.close()
        await self._server.close()

    def _schedule_stop(self) -> None:
        asyncio.get_running_loop().call_later(ANSWER_S, self.stopping.set)

    async def _open_port(self) -> None:
        """Open the port, with retries until it is free."""
        settings = self.settings.dashboard
        while True:
            try:
                refused = await self._server.open()
            except OSError as error:
                self.publish_problem(PORT_PROBLEM, *port_problem(error, settings.listen, settings.port))
                self.set_health("degraded", "its port cannot be opened")
                await asyncio.sleep(PORT_RETRY_S)
                continue
            if refused is not None:
                words = port_problem(refused, settings.listen, settings.port, here=True)
                self.publish_problem(PORT_PROBLEM, *words, severity="warning")
            else:
                self.clear_problem(PORT_PROBLEM)
            self.facts = {"url": base_url(settings)}
            is_open = refused is None and not is_loopback(settings.listen)
            self.set_health("running", "open to other devices, by https" if is_open else "")
            return

    # --- the bus -----------------------------------------------------------------------------------

    async def _receive(self) -> None:
        async for received in self.bus.subscribe(*WATCHED):
            self._state.record(received)
            self._tell(StateChange.of(received))
            self._listeners.on_change(received.cls)

    def _tell(self, change: StateChange) -> None:
        self._state_sockets.on_change(change)
        self._people_sockets.on_change(change.cls)
        self._api.on_change(change)

    async def _receive_listening(self) -> None:
        async for received in self.bus.subscribe(TonePlays, WebRtcListeners):
            if isinstance(received.message, TonePlays):
                self._sound_sockets.play_tone(received.message.seconds)
            elif isinstance(received.message, WebRtcListeners):
                self._listeners.set_elsewhere(received.message.talkers)

    async def _resync(self) -> None:
        """Drop topics that were cleared while there was no broker."""
        await asyncio.sleep(SETTLE_S)
        try:
            present = await self.bus.snapshot(*WATCHED)
        except BusUnreachableError:
            return  # gone again: its next restart calls this again
        for topic in self._state.replace(present):
            cls = next(cls for cls in WATCHED if topic.startswith(f"{cls.TOPIC}/"))
            self._tell(StateChange(topic, cls, None))

    # --- once a second -----------------------------------------------------------------------------

    async def _poll(self) -> None:
        while True:
            broker = self._state.of(WorkerHealth, "broker")
            heard_at = max(self._awake_since, broker.beat_s if broker else 0.0)
            self._state_sockets.set_bus(reachable=boot_s() - heard_at < STALE_S)
            if broker is not None and broker.boot != self._broker_boot:
                self._broker_boot = broker.boot
                self.spawn(self._resync(), "resync")
            if changed := self._poll_keys():
                self._played.revoke()
                # those that only lost their connection come back, and are refused if their key is void
                await self._server.close_pages(site.BAD_KEY if changed == "all" else WSCloseCode.GOING_AWAY)
            await self._others.poll()
            await self._api.poll()
            if self._api.error is not None:
                self.publish_error(self._api.error)
            else:
                self.clear_problem(API_KEYS_PROBLEM)
            if self._state_sockets.pages or self._people_sockets.pages:
                self._poll_avatars()
            await asyncio.sleep(POLL_S)

    def _poll_keys(self) -> KeyChange:
        """Read the keys if their files changed, and return what became of them."""
        changed = self._keys.poll()
        if self._keys.error is not None:
            self.publish_error(self._keys.error)
        else:
            self.clear_problem(KEYS_PROBLEM)
        return changed

    def _poll_avatars(self) -> None:
        """Update the avatars while a page is open."""
        party = self._state.one(PartyState)
        fetched = party is not None and self.settings.dashboard.avatars
        self._avatar_updater.poll([member.account_id for member in party.members] if party and fetched else None)
        problem = self._avatar_updater.problem()
        if problem is None:
            self.clear_problem(AVATARS_PROBLEM)
        else:
            self.publish_problem(AVATARS_PROBLEM, *problem, severity="note")
        self._state_sockets.poll()
        self._people_sockets.poll()
