"""The HTTP server of the pages, their sockets, the metrics and the proof of the key."""

from __future__ import annotations

import asyncio
import errno
import sys
from pathlib import Path

from aiohttp import WSCloseCode, web

from common.basic.clock import boot_s
from common.config.pages import PROOF_PATH, is_any, proof
from common.config.settings import is_loopback
from common.config.tables import DashboardSettings
from common.system import hostname
from workers.dashboard import metrics
from workers.dashboard.api.door import ApiDoor
from workers.dashboard.api.http_answers import is_of_api, refused
from workers.dashboard.avatars.images import Avatars
from workers.dashboard.listen.sound_sockets import SoundSockets
from workers.dashboard.listen.sound_streams import SoundStreams
from workers.dashboard.live.people_sockets import PeopleSockets
from workers.dashboard.live.state_sockets import StateSockets
from workers.dashboard.serve import site
from workers.dashboard.serve.certificate_page import CertificatePage
from workers.dashboard.serve.connection_limits import ConnectionLimiter, LimitedSite
from workers.dashboard.serve.exposed_keys import ExposedKeys
from workers.dashboard.serve.host_check import HostCheck
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.serve.page_keys import PageKeys
from workers.dashboard.serve.plain_http import PlainHttp
from workers.dashboard.serve.played_recordings import PlayedRecordings
from workers.dashboard.serve.shared_port import SharedPort
from workers.dashboard.serve.tls_certificates import TlsCertificates
from workers.dashboard.state import PageState

AIRDROP = 8770
"""The port of AirDrop on a Mac, and of the dashboard. It stays the default, since scenes in OBS have its address."""
KEEP_ALIVE_S = 15.0
"""How long an idle connection is kept."""


class PageServer:
    """The server. Call `setup` once, then `open` until the port is open."""

    def __init__(  # noqa: PLR0913  # what it serves
        self,
        settings: DashboardSettings,
        keys: PageKeys,
        state: PageState,
        *,
        state_sockets: StateSockets,
        people_sockets: PeopleSockets,
        sound_sockets: SoundSockets,
        api: ApiDoor,
        sound_streams: SoundStreams,
        avatars: Avatars,
        played: PlayedRecordings,
        certificates: TlsCertificates,
        exposed: ExposedKeys,
        paired: Path,
    ) -> None:
        """`paired`: the socket by which the gate brings the requests of paired machines."""
        self._settings = settings
        self._keys = keys
        self._state = state
        self._state_sockets = state_sockets
        self._people_sockets = people_sockets
        self._sound_sockets = sound_sockets
        self._api = api
        self._sound_streams = sound_streams
        self._certificates = certificates
        self._paired = paired
        self._limiter = ConnectionLimiter()
        self._page = CertificatePage(certificates.root, settings.port)
        self._plain = web.AppRunner(self._plain_app(exposed), access_log=None, shutdown_timeout=1.0)
        self._shared: SharedPort | None = None
        self._here = set[str]()
        self._runner = web.AppRunner(
            self._app(avatars, played), access_log=None, shutdown_timeout=1.0, keepalive_timeout=KEEP_ALIVE_S
        )

    async def setup(self) -> None:
        """Serve paired machines. Raises `OSError`."""
        await self._runner.setup()
        await self._plain.setup()
        await web.UnixSite(self._runner, self._paired).start()

    async def open(self) -> OSError | None:
        """Open the port. Raises `OSError`.

        If another program has it towards other devices only (on a Mac AirDrop, 8770), it is opened for this machine,
        and the error is returned. The pages in OBS keep their addresses so.
        """
        listen = self._settings.listen
        if is_loopback(listen):
            await self._listen_here(listen)
            return None
        if not is_any(listen):
            await self._listen_here("127.0.0.1")
        try:
            await self._listen_for_others(listen)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not is_any(listen):
                raise
            await self._listen_here("127.0.0.1")
            return error
        return None

    async def _listen_here(self, address: str) -> None:
        if address not in self._here:  # it is open already after a try that failed later
            await LimitedSite(self._runner, self._limiter, address, self._settings.port).start()
            self._here.add(address)

    async def _listen_for_others(self, listen: str) -> None:
        assert self._runner.server is not None
        assert self._plain.server is not None
        port = SharedPort(self._runner.server, self._plain.server, self._limiter, self._certificates.context)
        await self._certificates.poll()
        port.listen(listen, self._settings.port)
        self._shared = port

    async def close(self) -> None:
        if self._shared is not None:
            await self._shared.close()
        await self.close_pages(WSCloseCode.GOING_AWAY)
        await self._plain.cleanup()
        await self._runner.cleanup()

    async def close_pages(self, code: int) -> None:
        """Disconnect the pages and media players."""
        self._sound_streams.close()
        sockets = (self._state_sockets, self._people_sockets, self._sound_sockets, self._api)
        await asyncio.gather(*(kind.close(code) for kind in sockets))

    def _app(self, avatars: Avatars, played: PlayedRecordings) -> web.Application:
        checked = site.checked(self._host_check(), _refuse)
        app = web.Application(middlewares=[self._limiter.middleware(), checked, self._api.middleware()])
        app.add_routes(
            [
                *site.pages(self._keys.rights, avatars.at),
                *self._state_sockets.routes(),
                *self._people_sockets.routes(),
                *self._sound_sockets.routes(),
                *self._api.routes(),
                *self._sound_streams.routes(),
                *played.routes(),
                *self._page.routes(),
                web.get("/metrics", self._metrics),
                web.get(PROOF_PATH + "{nonce:[0-9a-f]{32}}", self._proof),
            ]
        )
        return app

    def _plain_app(self, exposed: ExposedKeys) -> web.Application:
        plain = PlainHttp(self._host_check(), self._page, exposed, _refuse)
        app = web.Application(middlewares=[self._limiter.middleware(), plain.middleware(), self._api.middleware()])
        app.add_routes([*site.listening_pages(), *self._api.listening_routes(), plain.rest()])
        return app

    def _host_check(self) -> HostCheck:
        return HostCheck(self._settings.port, () if is_loopback(self._settings.listen) else hostname.names())

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        given = request.query.get("key") or key_of(request.headers)
        if not site.is_local(request) and not self._keys.rights(given):
            return site.error_page(
                403, "Another machine needs a key for the metrics.", "Add `?key=…` with the key of the overlay."
            )
        own = {
            "sound_packets": self._sound_sockets.sent,
            "sound_packets_dropped": self._sound_sockets.dropped,
            "stream_packets": self._sound_streams.sent,
            "stream_packets_dropped": self._sound_streams.dropped,
            "stream_readers_disconnected": self._sound_streams.dead,
            "connections_refused": self._limiter.refused,
            "pages_open": self._state_sockets.pages + self._people_sockets.pages + self._sound_sockets.pages,
            "streams_open": self._sound_streams.readers,
            "api_clients": self._api.clients,
            "api_clients_dropped": self._api.dropped,
        }
        body = metrics.text(self._state, boot_s(), own)
        return web.Response(body=body, headers={"Content-Type": metrics.CONTENT_TYPE})

    async def _proof(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=proof(self._keys.full_key(), self._settings.port, request.match_info["nonce"]))


def _refuse(request: web.Request, status: int, what: str, remedy: str) -> web.Response:
    return refused(status, what, remedy) if is_of_api(request.path) else site.error_page(status, what, remedy)


def port_problem(
    error: OSError, listen: str, port: int, *, here: bool = False, platform: str = sys.platform
) -> tuple[str, str]:
    """Return message and remedy for a port that cannot be opened. `here`: it is open for this machine all the same."""
    if here:
        airdrop = " On a Mac that is often AirDrop (sharingd)." if platform == "darwin" and port == AIRDROP else ""
        remedy = "Set another `[dashboard] port`, then run `partyline restart dashboard` and `partyline obs setup`."
        return (
            f"Only this machine can see the dashboard: another program has port {port} towards other devices.{airdrop}",
            remedy,
        )
    if error.errno == errno.EADDRINUSE:
        return (
            f"The dashboard cannot be shown, because another program has port {port}.",
            "End that program, or set another `[dashboard] port`. Then run `partyline restart dashboard`.",
        )
    return (
        f"The dashboard cannot listen on {listen}, port {port}: {error.strerror or error}.",
        "Correct `[dashboard] listen` and `port` in partyline.toml. Then run `partyline restart dashboard`.",
    )
