"""The API as the dashboard worker sees it: one object of routes, changes and keys."""

from __future__ import annotations

import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from common.api.key_uses import KeyUses
from common.bus import Bus
from common.config.pages import Rights
from common.config.tables import ApiSettings
from common.errors import PartylineError
from common.files.paths import Paths
from workers.dashboard.api.callers import Callers
from workers.dashboard.api.event_sockets import ApiEvents
from workers.dashboard.api.feed import Feed
from workers.dashboard.api.http import ApiHttp
from workers.dashboard.api.requests import ApiRequests
from workers.dashboard.api.whep import Whep
from workers.dashboard.state import PageState, StateChange


class ApiDoor:
    def __init__(  # noqa: PLR0913  # what it serves
        self,
        bus: Bus,
        paths: Paths,
        state: PageState,
        settings: ApiSettings,
        *,
        page_rights: Callable[[str], Rights],
        uses: KeyUses,
        wake: Callable[[], None],
    ) -> None:
        """`page_rights` judges the pages' keys. `wake` is called before each request, which a person may wait for."""
        feed = Feed(bus.boot)
        self._uses = uses
        self._callers = Callers(paths, page_rights, self._note_use)
        requests = ApiRequests(bus, self._callers, wake)
        self._http = ApiHttp(state, feed, self._callers, requests, settings.origins)
        self._whep = Whep(bus, self._callers, page_rights)
        self._events = ApiEvents(state, feed, self._callers, requests, publish=bus.publish)

    def routes(self) -> list[web.RouteDef]:
        return [*self._http.routes(), *self._events.routes(), *self._whep.routes()]

    def listening_routes(self) -> list[web.RouteDef]:
        """Return what a listen link needs."""
        return self._whep.routes()

    def middleware(self) -> Middleware:
        """Return what stands before its handlers, and lets all others pass."""
        return self._http.middleware()

    @property
    def clients(self) -> int:
        return self._events.clients

    @property
    def dropped(self) -> int:
        """Clients that were cut off because they did not read."""
        return self._events.dropped

    @property
    def error(self) -> PartylineError | None:
        """Why the keys cannot be used."""
        return self._callers.error

    def on_change(self, change: StateChange) -> None:
        self._events.on_change(change)

    async def poll(self) -> None:
        """Take up new keys, close the connections of revoked ones, and keep when each was used last."""
        if self._callers.poll():
            await self._events.close_revoked()
        for key_id in self._events.key_ids:
            self._note_use(key_id)
        self._save_uses(at_once=False)

    async def close(self, code: int) -> None:
        await self._events.close(code)
        self._save_uses(at_once=True)

    def _note_use(self, key_id: str) -> None:
        self._uses.note(key_id, time.time())

    def _save_uses(self, *, at_once: bool) -> None:
        if self._callers.error is None:  # else no key is known, and each would be forgotten
            self._uses.save(self._callers.key_ids, time.monotonic(), at_once=at_once)
