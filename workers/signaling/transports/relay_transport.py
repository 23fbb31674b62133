"""Transport by a self-hosted signaling relay with Socket.IO, beside or instead of customMessages."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import socketio
import structlog
from engineio.exceptions import EngineIOError
from socketio.exceptions import SocketIOError

from common.basic.loop import lookup_trouble
from common.config.settings import check_url
from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PartyState, PeerSignal, PushEvent, SignalRefused
from common.psn.http.environment import CONNECTION_FAULTS, session
from workers.signaling.transports.relay_messages import EVENTS, MAX_BYTES, USER_TABLE, Relayed, refusal

CONNECT_S = 10.0
BACKOFF_S = 1.0
BACKOFF_MAX_S = 30.0
PROBLEM = "signaling.relay"
_FAULTS = (SocketIOError, EngineIOError, *CONNECTION_FAULTS, KeyError, TypeError)
"""What the client raises on a missing relay, or on a server that is not a relay."""


class RelayError(PartylineError):
    code = PROBLEM

    def __init__(self, message: str) -> None:
        super().__init__(
            message, "Check [signaling] socketio_url, and that the relay runs; it is tried again by itself."
        )


class Socketio:
    """Stays connected to the relay while there is a party. `url` may change when the simulator restarts."""

    name = "socketio"

    def __init__(  # noqa: PLR0913  # address, counter and callbacks
        self,
        url: Callable[[], str],
        number: Callable[[], int],
        *,
        deliver: Callable[[PeerSignal], None],
        refused: Callable[[str, SignalRefused, PartylineError], None],
        sent: Callable[[str], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        problem: Callable[[PartylineError | None], None],
        unreadable: Callable[[str], None],
    ) -> None:
        """`problem` gets the error that keeps the relay away, or None when that is over."""
        self._url = url
        self._number = number
        self._deliver = deliver
        self._refused = refused
        self._sent = sent
        self._spawn = spawn
        self._problem = problem
        self.relayed = Relayed(unreadable)
        self._client: socketio.AsyncClient | None = None
        self._room: tuple[str, str] | None = None
        self._news = asyncio.Event()
        self._ended = False
        """Whether the connection ended without our request."""
        self._log = structlog.get_logger("signaling")

    # --- input from the worker ---------------------------------------------------------------------

    def party(self, state: PartyState) -> None:
        self.relayed.party(state)
        if state.phase not in ("joined", "none"):
            return  # keep the connection, since session may be restarting
        room = (state.session_id, state.me) if state.phase == "joined" and state.me else None
        if room != self._room:
            self._room = room
            self._news.set()

    def event(self, event: PushEvent) -> None:
        """Ignore push events, since PlayStation sends nothing by this transport."""

    def reaches(self, peer: str) -> bool:
        table = self.relayed.table
        return self._client is not None and peer != BRIDGE_PEER and (table is None or peer in table)

    def send(self, signal: PeerSignal) -> None:
        self._spawn(self._send(signal))

    async def leave(self, session_id: str) -> None:
        """Do nothing. The relay is not Sony's server, and a late message to it is harmless."""

    async def close(self) -> None:
        if self._client is not None:
            await self._client.disconnect()

    # --- the connection ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect while there is a party. Reconnect when the connection ends."""
        failures = 0
        while True:
            self._news.clear()
            if self._room is None:
                self._problem(None)
                failures = 0
                await self._news.wait()
                continue
            began = time.monotonic()
            try:
                await self._stay(self._room)
            except _FAULTS as error:
                why = lookup_trouble(error) or f"{type(error).__name__}: {error}"
                self._problem(RelayError(f"The signaling relay cannot be used ({why})."))
            except PartylineError as error:
                self._problem(error)
            failures = 0 if time.monotonic() - began > BACKOFF_MAX_S else failures + 1
            await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        wait_s = min(BACKOFF_S * 2.0 ** (failures - 1), BACKOFF_MAX_S) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return

    async def _stay(self, room: tuple[str, str]) -> None:
        url = self._url()
        if not url:
            raise RelayError("No signaling relay is set.")
        check_url("signaling.socketio_url", url, ("wss", "ws"))
        async with session(url, cookie_jar=aiohttp.DummyCookieJar()) as http:
            client, self._ended = self._new_client(http), False
            try:
                async with asyncio.timeout(CONNECT_S):
                    auth = self.relayed.auth()
                    await client.connect(url, auth=auth, transports=["websocket"], wait_timeout=CONNECT_S)
                self._client = client
                self._problem(None)
                self._log.info("relay connected")
                while self._room == room and not self._ended:
                    self._news.clear()
                    await self._news.wait()
                if self._room == room:
                    raise RelayError("The signaling relay ended the connection.")
            finally:
                self._client, self.relayed.table = None, None
                await client.disconnect()

    def _new_client(self, http: aiohttp.ClientSession) -> socketio.AsyncClient:
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            http_session=http,
            websocket_extra_options={"max_msg_size": 2 * MAX_BYTES},
        )
        for event in EVENTS:
            client.on(event, self._taking(event))
        client.on(USER_TABLE, self._users)
        client.on("disconnect", self._disconnected)
        return client

    def _taking(self, event: str) -> Callable[..., None]:
        def take(*data: Any) -> None:
            signal = self.relayed.take(event, data[0] if data else None, time.monotonic())
            if signal is not None:
                self._deliver(signal)

        return take

    def _users(self, *data: Any) -> None:
        self.relayed.users(data[0] if data else None)

    def _disconnected(self, *_: Any) -> None:
        self._ended = True
        self._news.set()

    # --- sending -----------------------------------------------------------------------------------

    async def _send(self, signal: PeerSignal) -> None:
        client = self._client

        def acknowledged(*answer: Any) -> None:
            if why := refusal(answer[0] if answer else None):
                self._not_taken(signal, f"The relay refused it: {why}", final=True)

        if client is None:
            self._not_taken(signal, "The signaling relay is not connected.", final=False)
            return
        try:
            payload = self.relayed.write(signal, self._number())
            await client.emit(signal.kind, payload, callback=acknowledged)
        except _FAULTS as error:
            self._not_taken(signal, f"The relay did not take it ({type(error).__name__}: {error}).", final=False)
        except PartylineError as error:
            self._not_taken(signal, error.message, final=True)
        else:
            peer = signal.peer
            self._log.info("sent", kind=signal.kind, peer=peer, sequence=signal.sequence, by=self.name)
            self._sent(peer)

    def _not_taken(self, signal: PeerSignal, why: str, *, final: bool) -> None:
        self._refused(self.name, SignalRefused.of(signal, why, final=final), RelayError(why))
