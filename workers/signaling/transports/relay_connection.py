"""Connection to a Socket.IO signaling relay, which is kept open while there is a party."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
import structlog

from common.basic.hidden_packages import hidden
from common.basic.loop import lookup_trouble
from common.config.settings import check_url
from common.errors import PartylineError
from common.psn.http.endpoints import EndpointSource
from common.psn.http.sessions import CONNECTION_FAULTS, session
from workers.signaling.transports.relay_messages import EVENTS, MAX_BYTES, USER_TABLE

with hidden("requests"):  # of its client without asyncio: 5 MB
    import socketio
    from engineio.exceptions import EngineIOError
    from socketio.exceptions import SocketIOError

CONNECT_S = 10.0
BACKOFF_S = 1.0
BACKOFF_MAX_S = 30.0
CLOSE_S = 1.0
"""How long an end waits for the relay's goodbye."""
PROBLEM = "signaling.relay"
FAULTS = (SocketIOError, EngineIOError, *CONNECTION_FAULTS, KeyError, TypeError)
"""What the client raises on a missing relay, or on a server that is not a relay."""

Room = tuple[str, str]
"""A party and our peer key in it."""


class RelayError(PartylineError):
    code = PROBLEM

    def __init__(self, message: str) -> None:
        super().__init__(
            message, "Check [signaling] socketio_url, and that the relay runs. It is tried again by itself."
        )


class RelayAddress:
    """The relay's URL: the setting, or the simulator's. The latter changes when the simulator restarts."""

    def __init__(self, endpoints: EndpointSource, url: str) -> None:
        self._endpoints = endpoints
        self._url = url

    def current(self) -> str:
        """Return the URL, empty if there is none. Raises `NoSimulatorError`."""
        known = self._endpoints.current().simulator
        return self._url or (known.socketio_url if known is not None else "")

    def forget(self) -> None:
        """Read the simulator's address again at the next call."""
        self._endpoints.forget()


class RelayEvents(Protocol):
    """What the connection reports, and what it asks for."""

    def on_message(self, event: str, data: Any) -> None: ...

    def on_users(self, data: Any) -> None:
        """Handle a ``user_table_updated``."""
        ...

    def on_relay_error(self, error: PartylineError | None) -> None:
        """Handle what keeps the relay away, or None when it is connected or not needed."""
        ...

    def on_disconnected(self) -> None: ...


class RelayConnection:
    """The connection. Call `run` once. `auth` returns the connect data."""

    def __init__(self, address: RelayAddress, auth: Callable[[], dict[str, Any]], events: RelayEvents) -> None:
        self._address = address
        self._auth = auth
        self._events = events
        self._client: socketio.AsyncClient | None = None
        self._room: Room | None = None
        self._changed = asyncio.Event()
        """Set when the room has changed, or when the connection has ended."""
        self._ended = False
        """Whether the connection ended without our request."""
        self._stale = False
        """Whether the connection is to be replaced, since the machine slept."""
        self._log = structlog.get_logger("signaling")

    @property
    def is_open(self) -> bool:
        return self._client is not None

    def set_room(self, room: Room | None) -> None:
        if room != self._room:
            self._room = room
            self._changed.set()

    async def emit(self, event: str, payload: dict[str, Any], on_answer: Callable[..., None]) -> None:
        """Send a message. Raises `RelayError` and what is in `FAULTS`."""
        if self._client is None:
            raise RelayError("The signaling relay is not connected.")
        await self._client.emit(event, payload, callback=on_answer)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.disconnect()

    def on_wake(self) -> None:
        """Connect again at once, since the relay has dropped a machine that slept, and cannot tell it."""
        self._stale = True
        self._changed.set()

    async def run(self) -> None:
        """Connect while there is a room. Reconnect when the connection ends."""
        failures = 0
        while True:
            self._changed.clear()
            if self._room is None:
                self._events.on_relay_error(None)
                failures = 0
                await self._changed.wait()
                continue
            began = time.monotonic()
            try:
                await self._stay(self._room)
            except FAULTS as error:
                why = lookup_trouble(error) or f"{type(error).__name__}: {error}"
                self._report(RelayError(f"The signaling relay cannot be used ({why})."))
            except PartylineError as error:
                self._report(error)
            failures = 0 if time.monotonic() - began > BACKOFF_MAX_S else failures + 1
            await self._pause(failures)

    def _report(self, error: PartylineError) -> None:
        self._address.forget()
        self._events.on_relay_error(error)

    async def _pause(self, failures: int) -> None:
        wait_s = min(BACKOFF_S * 2.0 ** (failures - 1), BACKOFF_MAX_S) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _stay(self, room: Room) -> None:
        url = self._address.current()
        if not url:
            raise RelayError("No signaling relay is set.")
        check_url("signaling.socketio_url", url, ("wss", "ws"))
        async with session(url, cookie_jar=aiohttp.DummyCookieJar()) as http:
            client, self._ended, self._stale = self._new_client(http), False, False
            try:
                async with asyncio.timeout(CONNECT_S):
                    auth = self._auth()
                    await client.connect(url, auth=auth, transports=["websocket"], wait_timeout=CONNECT_S)
                self._client = client
                self._events.on_relay_error(None)
                self._log.info("relay connected")
                while self._room == room and not (self._ended or self._stale):
                    self._changed.clear()
                    await self._changed.wait()
                if self._room == room and self._ended:
                    raise RelayError("The signaling relay ended the connection.")
            finally:
                self._client = None
                self._events.on_disconnected()
                with contextlib.suppress(TimeoutError):  # a dead connection answers no close
                    async with asyncio.timeout(CLOSE_S):
                        await client.disconnect()

    def _new_client(self, http: aiohttp.ClientSession) -> socketio.AsyncClient:
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            http_session=http,
            websocket_extra_options={"max_msg_size": 2 * MAX_BYTES},
        )
        for event in EVENTS:
            client.on(event, self._handler(event))
        client.on(USER_TABLE, lambda *data: self._events.on_users(data[0] if data else None))
        client.on("disconnect", self._on_disconnect)
        return client

    def _handler(self, event: str) -> Callable[..., None]:
        def handle(*data: Any) -> None:
            self._events.on_message(event, data[0] if data else None)

        return handle

    def _on_disconnect(self, *_: Any) -> None:
        self._ended = True
        self._changed.set()
