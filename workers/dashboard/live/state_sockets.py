"""The dashboard's WebSocket for state and actions: `/live`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import get_args

import msgspec
from aiohttp import WSMsgType, web

from common.basic.clock import boot_s
from common.basic.values import LATENCY_FOR, DelayMs, EqPreset, GainDb, GateDb, Latency, Pan, Range, range_of
from common.config.pages import Rights
from common.config.tables import PsnSettings
from common.messages import BRIDGE_PEER, FRAME_MS, STALE_S, Member, PartyState, PeerState
from common.psn.account.sign_in_errors import npsso_page
from common.psn.account.sign_in_words import SignInWords
from common.psn.miranda.platforms import PLAIN
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.live.open_page import OpenPage, kept_open
from workers.dashboard.live.page_requests import PageRequest, PageRequests
from workers.dashboard.live.people import avatars
from workers.dashboard.live.send_queue import SendQueue
from workers.dashboard.serve import site
from workers.dashboard.state import PageState, StateChange

AVATARS = "avatars/"
"""A topic of the dashboard's page that is not a bus message: peer key → `Avatar`."""


class PageConstants(msgspec.Struct, frozen=True, kw_only=True):
    """Constants that a page shares with the rest of partyline, sent once."""

    sign_in_url: str
    npsso_url: str
    """URL of the NPSSO page, for a sign-in."""
    sign_in: SignInWords = msgspec.field(default_factory=SignInWords)
    stale_s: float = STALE_S
    frame_ms: int = FRAME_MS
    bridge: str = BRIDGE_PEER
    """The bridge's peer key."""
    platforms: dict[str, str] = msgspec.field(default_factory=lambda: dict(PLAIN))
    """Platform → its plain name. Others are shown unchanged."""
    gain_db: Range = range_of(GainDb)
    delay_ms: Range = range_of(DelayMs)
    """Range of the slider."""
    gate_db: Range = range_of(GateDb)
    pan: Range = range_of(Pan)
    eq_presets: tuple[str, ...] = get_args(EqPreset)
    latency_for: dict[Latency, str] = msgspec.field(default_factory=lambda: dict(LATENCY_FOR))
    """`[media] latency` → what it is for."""


def page_constants(psn: PsnSettings) -> PageConstants:
    """Return the constants for a page, with the sign-in URLs of `psn`."""
    return PageConstants(sign_in_url=psn.sign_in_url, npsso_url=npsso_page(psn))


class _Page(OpenPage):
    """One open dashboard, with its send queue."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        super().__init__(socket, lambda: self.queue.take(time.time(), boot_s()))
        self.queue = SendQueue()


class StateSockets:
    """All open dashboards."""

    def __init__(
        self,
        state: PageState,
        requests: PageRequests,
        rights: Callable[[str], Rights],
        avatar_of: Callable[[Member], Avatar],
        constants: PageConstants,
    ) -> None:
        self._state = state
        self._avatar_of = avatar_of
        self._requests = requests
        self._rights = rights
        self._constants = constants
        self._bus = True
        self._pages: set[_Page] = set()
        self._avatars: dict[str, Avatar] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/live", self._serve)]

    @property
    def pages(self) -> int:
        return len(self._pages)

    async def close(self, code: int) -> None:
        await site.closed([page.socket for page in self._pages], code)

    # --- changes -----------------------------------------------------------------------------------

    def on_change(self, change: StateChange) -> None:
        for page in self._pages:
            page.queue.put_change(change.topic, change.json)
            page.wake()
        if change.cls is PartyState or (
            change.cls is PeerState and change.topic.partition("/")[2] not in self._avatars
        ):
            self._queue_avatars()

    def poll(self) -> None:
        """Send changed avatars to the pages."""
        self._queue_avatars()

    def set_bus(self, *, reachable: bool) -> None:
        if reachable != self._bus:
            self._bus = reachable
            for page in self._pages:
                page.queue.put_bus(reachable=reachable)
                page.wake()

    def _queue_avatars(self) -> None:
        present = avatars(self._state, self._avatar_of) if self._pages else {}
        if self._pages and present != self._avatars:
            self._avatars = present
            for page in self._pages:
                page.queue.put_change(AVATARS, present)
                page.wake()

    # --- sockets -----------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = await site.open_socket(request, self._rights, frozenset({"full"}))
        if socket is None:
            return web.Response()
        page = _Page(socket)
        self._avatars = avatars(self._state, self._avatar_of)
        page.queue.put_snapshot({**self._state.topics(), AVATARS: self._avatars}, self._constants, bus=self._bus)
        local, paired = site.is_local(request), site.is_paired(request)
        answering: set[asyncio.Task[None]] = set()
        async with kept_open(page, self._pages):
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                if page.queue.full or len(answering) >= 32:
                    await socket.close(code=1008, message=b"too many requests")
                    break
                task = asyncio.create_task(self._answer(page, message.data, local=local, paired=paired))
                answering.add(task)
                task.add_done_callback(answering.discard)
        return socket

    async def _answer(self, page: _Page, text: str, *, local: bool, paired: bool) -> None:
        try:
            request = msgspec.json.decode(text, type=PageRequest)
        except msgspec.DecodeError:
            await page.socket.close(code=1007, message=b"not a request")
            return
        page.queue.put_answer(await self._requests.serve(request, local=local, paired=paired))
        page.wake()
