"""The overlays' WebSocket: `/people`.

`?levels=1` asks for the level of everybody who speaks, besides. `?setup=1` asks for the reading key, which the
configurator writes into the overlay's address. Only the full key may ask for that.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from common.config.pages import Rights
from common.messages import Member, Message
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.live.open_page import OpenPage, kept_open
from workers.dashboard.live.people import LEVELS, PEOPLE, levels, people
from workers.dashboard.serve import site
from workers.dashboard.state import PageState

_NO_LEVELS = b"{}"


class _Overlay(OpenPage):
    """One open overlay. `present` returns JSON of the people and of the levels."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        present: Callable[[], tuple[bytes, bytes]],
        *,
        with_levels: bool,
        key: str,
    ) -> None:
        super().__init__(socket, self._changes)
        self.with_levels = with_levels
        self._present = present
        self._key = key
        self._people = b""
        self._levels = _NO_LEVELS

    def _changes(self) -> bytes | None:
        """Return JSON of what differs of `people`, `levels` and `key` from what was sent last, or None."""
        people_now, levels_now = self._present()
        frame: dict[str, object] = {}
        if self._key:
            frame["key"], self._key = self._key, ""
        if people_now != self._people:
            frame["people"], self._people = msgspec.Raw(people_now), people_now
        if self.with_levels and levels_now != self._levels:
            frame["levels"], self._levels = msgspec.Raw(levels_now), levels_now
        return msgspec.json.encode(frame) if frame else None


class PeopleSockets:
    """All open overlays, and the preview of the configurator."""

    def __init__(
        self,
        state: PageState,
        rights: Callable[[str], Rights],
        avatar_of: Callable[[Member], Avatar],
        read_key: Callable[[], str],
    ) -> None:
        self._state = state
        self._rights = rights
        self._avatar_of = avatar_of
        self._read_key = read_key
        self._pages: set[_Overlay] = set()
        self._people = b""
        self._levels = _NO_LEVELS

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/people", self._serve)]

    @property
    def pages(self) -> int:
        return len(self._pages)

    async def close(self, code: int) -> None:
        await site.closed([page.socket for page in self._pages], code)

    # --- changes -----------------------------------------------------------------------------------

    def on_change(self, cls: type[Message]) -> None:
        if cls in PEOPLE:
            self.poll()
        if cls in LEVELS:
            self._poll_levels()

    def poll(self) -> None:
        """Send people whose avatar or anything else changed."""
        if self._pages and (present := self._people_now()) != self._people:
            self._people = present
            for page in self._pages:
                page.wake()

    def _poll_levels(self) -> None:
        pages = [page for page in self._pages if page.with_levels]
        if pages and (loud := self._levels_now()) != self._levels:
            self._levels = loud
            for page in pages:
                page.wake()

    def _people_now(self) -> bytes:
        return msgspec.json.encode(people(self._state, self._avatar_of))

    def _levels_now(self) -> bytes:
        return msgspec.json.encode(levels(self._state))

    # --- the socket --------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        setup, with_levels = (request.query.get(name) == "1" for name in ("setup", "levels"))
        wanted: frozenset[Rights] = frozenset({"full"}) if setup else frozenset({"full", "read"})
        socket = await site.open_socket(request, self._rights, wanted)
        if socket is None:
            return web.Response()
        key = self._read_key() if setup else ""
        page = _Overlay(socket, lambda: (self._people, self._levels), with_levels=with_levels, key=key)
        async with kept_open(page, self._pages):
            self.poll()
            self._poll_levels()
            async for _ in socket:
                break  # an overlay sends nothing
        return socket
