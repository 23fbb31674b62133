"""The dashboard worker, which shows the party in a browser and in OBS, and takes requests from there."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Sequence

from aiohttp import web

from common.basic.clock import boot_s
from common.config.pages import PROOF_PATH, Keys, Rights, base_url, keys_file, load_keys, proof
from common.config.settings import is_loopback
from common.errors import BusUnreachableError, PartylineError
from common.messages import STALE_S, PartyState, WorkerHealth
from common.psn.errors import NoSimulatorError
from common.psn.http.endpoints import EndpointSource
from common.requests import FindPictures, Pictures
from common.run.worker import Worker
from workers.dashboard import metrics
from workers.dashboard.avatars.avatar_cache import AvatarCache
from workers.dashboard.avatars.fetch import safe_url
from workers.dashboard.avatars.images import TYPES, Avatars
from workers.dashboard.avatars.local_avatars import LocalAvatars
from workers.dashboard.listen.sound_sockets import SoundSockets
from workers.dashboard.live.page_requests import PageRequests
from workers.dashboard.live.state_sockets import StateSockets, about
from workers.dashboard.serve import site
from workers.dashboard.serve.connection_limits import ConnectionLimiter, LimitedSite
from workers.dashboard.serve.host_check import HostCheck
from workers.dashboard.state import WATCHED, PageState

LOOK_S = 1.0
SETTLE_S = 3.0
"""Time for the publishers to publish their retained messages again after a broker's restart."""
PORT_TRY_S = 3.0
ANSWER_S = 1.0
"""Time for a page to receive the answer before a restart that it asked for."""
FIND_S = 60.0
KEEP_ALIVE_S = 15.0
"""How long an idle connection is kept."""
PORT_PROBLEM = "dashboard.port"
AVATARS_PROBLEM = "dashboard.avatars"


class Dashboard(Worker):
    name = "dashboard"

    async def run(self) -> None:
        self._state = PageState()
        self._keys_stamp = (0, 0)
        self._read_keys()
        actions = PageRequests(self.bus, self.paths, self._state, self._end_soon)
        self._endpoints = EndpointSource(self.settings, self.paths)
        with contextlib.suppress(OSError):  # a folder for the person's convenience
            self.paths.avatars.mkdir(mode=0o700, exist_ok=True)
        self._own = LocalAvatars(self.paths.avatars)
        self._gallery = AvatarCache(self.paths.cache / "pictures", self._find_pictures, self._safe)
        self._avatars = Avatars(lambda: self._keys.read, fetched=self._gallery.images)
        self._viewers = StateSockets(self._state, actions, self._rights, self._avatars.of, about(self.settings.psn))
        self._doors = ConnectionLimiter()
        self._sound = SoundSockets(self.paths.run, self._state, self._rights)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0, keepalive_timeout=KEEP_ALIVE_S)
        await self._runner.setup()
        self.spawn(self._listen(), "listen")
        self.spawn(self._look(), "look")
        await self._serve()
        await self.stopping.wait()

    async def stop(self) -> None:
        if hasattr(self, "_runner"):
            await self._close_pages(1001)
            await self._gallery.close()
            await self._runner.cleanup()

    def _end_soon(self) -> None:
        asyncio.get_running_loop().call_later(ANSWER_S, self.stopping.set)

    # --- the server --------------------------------------------------------------------------------

    def _app(self) -> web.Application:
        settings = self.settings.dashboard
        machine = "" if is_loopback(settings.listen) else socket.gethostname()
        checked = site.checked(HostCheck(settings.port, machine))
        app = web.Application(middlewares=[self._doors.middleware(), checked])
        app.add_routes([*site.pages(self._rights, self._avatars.at), *self._viewers.routes(), *self._sound.routes()])
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get(PROOF_PATH + "{nonce:[0-9a-f]{32}}", self._proof)
        return app

    async def _serve(self) -> None:
        """Open the port, with retries until it is free."""
        settings = self.settings.dashboard
        while True:
            try:
                await LimitedSite(self._runner, self._doors, settings.listen, settings.port).start()
            except OSError as error:
                self.publish_problem(PORT_PROBLEM, *_no_port(error, settings.listen, settings.port))
                self.set_health("degraded", "its port cannot be opened")
                await asyncio.sleep(PORT_TRY_S)
                continue
            self.clear_problem(PORT_PROBLEM)
            self.facts = {"url": base_url(settings)}
            self.set_health("running", "" if is_loopback(settings.listen) else "open to other devices")
            return

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not site.is_local(request) and not self._rights(request.query.get("key", bearer)):
            return site.error_page(
                403, "From another machine the metrics want a key.", "Add `?key=…`, that of the overlay."
            )
        own = {
            "sound_packets": self._sound.sent,
            "sound_packets_dropped": self._sound.dropped,
            "connections_refused": self._doors.refused,
            "pages_open": self._viewers.pages + self._sound.pages,
        }
        body = metrics.text(self._state, boot_s(), own)
        return web.Response(body=body, headers={"Content-Type": metrics.CONTENT_TYPE})

    async def _proof(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=proof(self._keys.full, self.settings.dashboard.port, request.match_info["nonce"]))

    # --- pictures ----------------------------------------------------------------------------------

    def _look_at_faces(self) -> None:
        """Update the avatars while a page is open. Called once a second, because they change seldom."""
        if self._own.look():
            self._avatars.own = self._own.by_name
            self._tell_refused(self._own.refused)
        party = self._state.one(PartyState)
        if party is not None and self.settings.dashboard.avatars:
            self._gallery.want([member.account_id for member in party.members], time.monotonic())
        self._viewers.look_again()

    def _tell_refused(self, refused: dict[str, str]) -> None:
        if not refused:
            self.clear_problem(AVATARS_PROBLEM)
            return
        which = "; ".join(f"{name}: {why}" for name, why in refused.items())
        self.publish_problem(
            AVATARS_PROBLEM,
            f"A picture in {self.paths.avatars} cannot be shown. {which}.",
            f"Save it as {TYPES} of at most 4 MB, or take it out.",
            severity="note",
        )

    async def _find_pictures(self, account_ids: Sequence[str]) -> dict[str, str]:
        found: Pictures = await self.bus.request(FindPictures(account_ids=tuple(account_ids)), FIND_S)
        return found.urls

    def _safe(self, url: str) -> str:
        try:
            server = self._endpoints.current().mobile
        except NoSimulatorError:
            self._endpoints.forget()
            server = ""
        return safe_url(url, self.settings.psn.picture_hosts, server)

    # --- keys --------------------------------------------------------------------------------------

    def _rights(self, given: str) -> Rights:
        return self._keys.rights(given)

    def _read_keys(self) -> bool:
        """Read the keys if their file changed, and return whether it did."""
        file = keys_file(self.paths)
        stamp = (file.stat().st_mtime_ns, file.stat().st_ino) if file.exists() else (0, 0)
        if stamp == self._keys_stamp and stamp != (0, 0):
            return False
        try:
            self._keys = load_keys(self.paths)
        except PartylineError as error:
            self.publish_error(error)
            self._keys = Keys.drawn()  # random keys that nobody has, so that access is denied
            return True
        self.clear_problem("dashboard.keys")
        self._keys_stamp = (file.stat().st_mtime_ns, file.stat().st_ino)
        return True

    async def _close_pages(self, code: int) -> None:
        await asyncio.gather(self._viewers.close(code), self._sound.close(code))

    # --- the bus -----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for received in self.bus.subscribe(*WATCHED):
            self._state.note(received)
            self._viewers.change(received.topic, received.message, received.cls)
            self._sound.change(received.cls)

    async def _look(self) -> None:
        """Check each second for the broker's heartbeat, a broker restart and changed keys."""
        known, began = "", boot_s()
        while True:
            broker = self._state.of(WorkerHealth, "broker")
            self._viewers.link(bus=boot_s() - (broker.beat_s if broker else began) < STALE_S)
            if broker is not None and broker.boot != known:
                known = broker.boot
                self.spawn(self._compare(), "compare")
            if self._read_keys():
                await self._close_pages(site.BAD_KEY)
            if self._viewers.pages:
                self._look_at_faces()
            await asyncio.sleep(LOOK_S)

    async def _compare(self) -> None:
        """Drop topics that were cleared while there was no broker."""
        await asyncio.sleep(SETTLE_S)
        try:
            present = await self.bus.snapshot(*WATCHED)
        except BusUnreachableError:
            return  # gone again: its next restart calls this again
        for topic in self._state.replace(present):
            self._viewers.change(topic, None, next(cls for cls in WATCHED if topic.startswith(f"{cls.TOPIC}/")))


def _no_port(error: OSError, listen: str, port: int) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return (
            f"The dashboard cannot be shown: another program has port {port}.",
            "End that program, or set another `[dashboard] port`; then `partyline restart dashboard`.",
        )
    return (
        f"The dashboard cannot listen on {listen}, port {port}: {error.strerror or error}.",
        "Correct `[dashboard] listen` and `port` in partyline.toml, then `partyline restart dashboard`.",
    )
