"""The WebSocket of the API: `/api/v1/events`. A client that does not read is dropped, and costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import msgspec
import structlog
from aiohttp import WSMsgType, web

from common.api import PATH, SUBPROTOCOL
from common.api.frames import LEVELS_HZ, Ask, FrameRefused, Hello, RequestAnswer, Resumed, StateSnapshot, Subscribe
from common.errors import ErrorReply, PartylineError
from common.messages import Levels, LevelsWanted
from workers.dashboard.api.callers import PER_S, Callers, CallRefusedError
from workers.dashboard.api.event_client import EventClient, check_room
from workers.dashboard.api.event_frames import BadFrameError, decode
from workers.dashboard.api.feed import EventSubscription, Feed, chosen
from workers.dashboard.api.http_answers import fault
from workers.dashboard.api.levels_feed import LevelsFeed
from workers.dashboard.api.requests import ApiRequests
from workers.dashboard.serve import site
from workers.dashboard.serve.offered_key import key_of
from workers.dashboard.state import PageState, StateChange

MOST_ANSWERING = 32
"""Requests of one client that may be under way."""
CHANGES_A_REQUEST = 100
"""So many missed changes count like one request, as they cost the worker about as much."""
PAUSE_S = 1 / PER_S
"""How long a client is not read after a frame that was refused as faulty, or because it asks too often."""
MOST_FRAME = 64 * 1024
NO_TEXT = 1003
BAD_FRAME = 1007
REASON_BYTES = 120
"""The reason of a close has 123 bytes at most."""


class ApiEvents:
    """All connected clients."""

    def __init__(
        self,
        state: PageState,
        feed: Feed,
        callers: Callers,
        requests: ApiRequests,
        *,
        publish: Callable[[LevelsWanted], object],
    ) -> None:
        """`publish` tells how often levels are wanted, which is audio's to heed."""
        self._state = state
        self._feed = feed
        self._callers = callers
        self._requests = requests
        self._publish = publish
        self._levels = LevelsFeed()
        self._levels_hz = LEVELS_HZ
        self._log = structlog.get_logger("dashboard")
        self._clients: set[EventClient] = set()
        self.dropped = 0
        """Clients that were cut off because they did not read."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{PATH}/events", self._serve, allow_head=False)]

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def key_ids(self) -> frozenset[str]:
        """Ids of the keys of those who are connected."""
        return frozenset(client.grant.key_id for client in self._clients)

    async def close(self, code: int) -> None:
        await asyncio.gather(*(client.close(code) for client in self._clients))

    async def close_revoked(self) -> None:
        """Close the connections of keys that are not valid any more."""
        revoked = [client for client in self._clients if not self._callers.is_valid(client.grant)]
        await asyncio.gather(*(client.close(site.BAD_KEY, b"the key was revoked or changed") for client in revoked))

    # --- changes -----------------------------------------------------------------------------------

    def on_change(self, change: StateChange) -> None:
        """Send a change of the bus to whoever wants it."""
        if change.cls is Levels:
            if isinstance(change.message, Levels):
                self._send_levels(change.message)
            return
        numbered = self._feed.record(change.topic, change.json)
        for client in self._clients:
            if client.subscription is not None and client.subscription.wants(change.topic):
                client.put(numbered.frame)

    def _send_levels(self, levels: Levels) -> None:
        clients = [client for client in self._clients if client.wants_levels]
        wanted = {client.subscription for client in clients if client.subscription is not None}
        frames = dict(self._levels.frames(levels, wanted, time.monotonic()))
        for client in clients:
            if client.subscription in frames:
                client.put(frames[client.subscription])

    def _on_subscriptions(self) -> None:
        subscriptions = (client.subscription for client in self._clients)
        wanted = max((one.levels_hz for one in subscriptions if one and one.wants_levels), default=0)
        if max(wanted, LEVELS_HZ) != self._levels_hz:
            self._levels_hz = max(wanted, LEVELS_HZ)
            self._publish(LevelsWanted(per_s=self._levels_hz))

    # --- one client --------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        grant = self._callers.grant(key_of(request.headers))
        check_room(self._clients, grant)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=MOST_FRAME, protocols=(SUBPROTOCOL,), compress=False)
        if not socket.can_prepare(request):
            raise CallRefusedError(
                426, "This address speaks WebSocket only.", "See `/api/v1/asyncapi.json`.", code="api.bad-request"
            )
        await socket.prepare(request)
        client = EventClient(socket, request.transport, grant)
        client.tell(Hello(right=grant.right, also=grant.also, run=self._feed.run, number=self._feed.number))
        self._clients.add(client)
        sending = asyncio.create_task(client.send())
        answering: set[asyncio.Task[None]] = set()
        try:
            await self._read(client, answering)
        finally:
            self._clients.discard(client)
            self._on_subscriptions()
            self.dropped += client.does_not_read
            for task in (sending, *answering):
                task.cancel()
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(sending, *answering, return_exceptions=True)
            await client.close(1000)
            client.end()
        return socket

    async def _read(self, client: EventClient, answering: set[asyncio.Task[None]]) -> None:
        async for message in client.socket:
            if message.type is WSMsgType.BINARY:
                await client.close(NO_TEXT, b"frames are text")
            if message.type is not WSMsgType.TEXT:
                return
            try:
                frame = decode(message.data)
            except BadFrameError as error:
                if error.frame_id is None:
                    await client.close(BAD_FRAME, _reason(error.message))
                    return
                _refuse(client, error.frame_id, error)
                await asyncio.sleep(PAUSE_S)
                continue
            try:
                self._callers.take(client.grant, time.monotonic())
                if isinstance(frame, Subscribe):
                    self._subscribe(client, frame)
                elif len(answering) >= MOST_ANSWERING:
                    raise CallRefusedError(
                        *(429, f"{MOST_ANSWERING} requests are under way.", "Wait for their answers."),
                        code="api.too-often",
                    )
                else:
                    task = asyncio.create_task(self._answer(client, frame))
                    answering.add(task)
                    task.add_done_callback(answering.discard)
            except PartylineError as error:
                _refuse(client, frame.id, error)
                if isinstance(error, CallRefusedError) and error.status == 429:
                    await asyncio.sleep(PAUSE_S)

    async def _answer(self, client: EventClient, frame: Ask) -> None:
        try:
            result = await self._requests.serve(client.grant, frame.do, frame.fields)
        except PartylineError as error:
            _refuse(client, frame.id, error)
        except Exception as error:  # noqa: BLE001  # the client gets an answer whatever happens, and the log the reason
            self._log.exception("a request of the API failed", request=frame.do[:40])
            _refuse(client, frame.id, fault(error))
        else:
            client.tell(RequestAnswer(id=frame.id, result=result))

    def _subscribe(self, client: EventClient, wanted: Subscribe) -> None:
        subscription = EventSubscription.of(wanted)
        missed = self._feed.since(wanted.since)
        if missed is not None:
            try:
                self._callers.take(client.grant, time.monotonic(), len(missed) / CHANGES_A_REQUEST)
            except CallRefusedError:
                missed = None  # the present state is as good, and costs less
        client.subscription = subscription
        self._on_subscriptions()
        head = {"id": wanted.id, "run": self._feed.run, "number": self._feed.number}
        if missed is None:
            topics = chosen(self._state.topics(), subscription)
            client.tell(StateSnapshot(topics=topics, **head))  # type: ignore[arg-type]
            return
        client.tell(Resumed(**head))  # type: ignore[arg-type]
        for change in missed:
            if subscription.wants(change.topic):
                client.put(change.frame)


def _reason(words: str) -> bytes:
    """Return words as the reason of a close, cut where a letter ends."""
    return words.encode()[:REASON_BYTES].decode("utf-8", "ignore").encode()


def _refuse(client: EventClient, frame_id: int, error: PartylineError) -> None:
    client.put(msgspec.json.encode(FrameRefused(id=frame_id, error=ErrorReply.of(error))))
