"""The WebSocket of the API: `/api/v1/events`. A client that does not read is dropped, and costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

import msgspec
from aiohttp import WSMsgType, web

from common.api import PATH, SUBPROTOCOL
from common.api.frames import Ask, FrameRefused, FromClient, Hello, RequestAnswer, Resumed, StateSnapshot, Subscribe
from common.api.keys import KeyGrant
from common.errors import ErrorReply, PartylineError
from common.messages import Levels
from workers.dashboard.api.callers import Callers, CallRefusedError
from workers.dashboard.api.feed import EventSubscription, Feed, chosen, event_frame
from workers.dashboard.api.http import ApiHttp
from workers.dashboard.api.requests import ApiRequests
from workers.dashboard.serve import site
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.state import PageState, StateChange

MOST_WAITING = 3000
"""Frames that may wait for one client, more than `feed.KEPT`, so that a resumed one gets all it missed."""
LEVELS_WAITING = 20
"""Frames that wait from which on a client gets no levels: they would be late when it reads them."""
MOST_ANSWERING = 32
"""Requests of one client that may be under way."""
TOO_SLOW = 1008
_decode = msgspec.json.Decoder(FromClient).decode


class _Client:
    """One connected client."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, grant: KeyGrant) -> None:
        self.socket = socket
        self.grant = grant
        self.subscription: EventSubscription | None = None
        self._transport = transport
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self.too_slow = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, frame: bytes) -> None:
        """Queue a frame. Whoever lets too many of them wait is cut off."""
        if self.too_slow:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.too_slow = True
            self._waiting.clear()
            if self._transport is not None:
                self._transport.abort()  # a close frame would wait behind what it does not read
            return
        self._waiting.append(frame)
        self._wake.set()

    async def send(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self.socket.send_str(self._waiting.popleft().decode())


class ApiEvents:
    """All connected clients."""

    def __init__(self, state: PageState, feed: Feed, callers: Callers, requests: ApiRequests, http: ApiHttp) -> None:
        self._state = state
        self._feed = feed
        self._callers = callers
        self._requests = requests
        self._http = http
        self._clients: set[_Client] = set()
        self.dropped = 0
        """Clients that were cut off because they did not read."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{PATH}/events", self._serve)]

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def key_ids(self) -> frozenset[str]:
        """Ids of the keys of those who are connected."""
        return frozenset(client.grant.key_id for client in self._clients)

    async def close(self, code: int) -> None:
        await site.closed([client.socket for client in self._clients], code)

    async def close_revoked(self) -> None:
        """Close the connections of keys that are not valid any more."""
        revoked = [client.socket for client in self._clients if not self._callers.is_valid(client.grant)]
        await site.closed(revoked, site.BAD_KEY)

    def on_change(self, change: StateChange) -> None:
        """Send a change of the bus to whoever wants it."""
        if change.cls is Levels:
            if isinstance(change.message, Levels):
                self._send_levels(change.message, change)
            return
        numbered = self._feed.record(change.topic, change.json)
        for client in self._clients:
            if client.subscription is not None and client.subscription.wants(change.topic):
                client.put(numbered.frame)

    def _send_levels(self, levels: Levels, change: StateChange) -> None:
        whole = b""
        for client in self._clients:
            if client.subscription is None or client.waiting >= LEVELS_WAITING:
                continue
            part = client.subscription.levels(levels)
            if part is levels:
                whole = whole or event_frame(change.topic, change.json, None)
                client.put(whole)
            elif part is not None:
                client.put(event_frame(change.topic, part, None))

    # --- one client --------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            self._http.check_origin(request)
            grant = self._callers.grant(key_of(request.headers))
        except CallRefusedError as error:
            body = msgspec.json.encode({"error": ErrorReply.of(error)})
            return web.Response(body=body, status=error.status, content_type="application/json")
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=64 * 1024, protocols=(SUBPROTOCOL,), compress=False)
        await socket.prepare(request)
        client = _Client(socket, request.transport, grant)
        client.put(
            msgspec.json.encode(Hello(right=grant.right, also=grant.also, run=self._feed.run, number=self._feed.number))
        )
        self._clients.add(client)
        sending = asyncio.create_task(client.send())
        answering: set[asyncio.Task[None]] = set()
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                if len(answering) >= MOST_ANSWERING:
                    await socket.close(code=TOO_SLOW, message=b"too many requests under way")
                    break
                task = asyncio.create_task(self._answer(client, message.data))
                answering.add(task)
                task.add_done_callback(answering.discard)
        finally:
            self._clients.discard(client)
            self.dropped += client.too_slow
            for task in (sending, *answering):
                task.cancel()
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(sending, *answering, return_exceptions=True)
            await socket.close()
        return socket

    async def _answer(self, client: _Client, text: str) -> None:
        try:
            frame: Subscribe | Ask = _decode(text)
        except (msgspec.DecodeError, RecursionError):
            await client.socket.close(code=1007, message=b"not a frame of this API")
            return
        try:
            if isinstance(frame, Subscribe):
                self._subscribe(client, frame)
            else:
                result = await self._requests.serve(client.grant, frame.do, frame.fields)
                client.put(msgspec.json.encode(RequestAnswer(id=frame.id, result=result)))
        except PartylineError as error:
            client.put(msgspec.json.encode(FrameRefused(id=frame.id, error=ErrorReply.of(error))))

    def _subscribe(self, client: _Client, wanted: Subscribe) -> None:
        subscription = EventSubscription.of(wanted)
        missed = self._feed.since(wanted.since)
        client.subscription = subscription
        head = {"id": wanted.id, "run": self._feed.run, "number": self._feed.number}
        if missed is None:
            topics = chosen(self._state.topics(), subscription)
            client.put(msgspec.json.encode(StateSnapshot(topics=topics, **head)))  # type: ignore[arg-type]
            return
        client.put(msgspec.json.encode(Resumed(**head)))  # type: ignore[arg-type]
        for change in missed:
            if subscription.wants(change.topic):
                client.put(change.frame)
