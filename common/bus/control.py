"""A process' access to the control plane: publish, subscribe, request and serve."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import structlog
import zmq
import zmq.asyncio

from common import wire
from common.bus.sockets import SNAPSHOT, bind, endpoint, tune
from common.errors import BadMessageError, BusUnreachableError, ErrorReply, PartylineError
from common.messages import Message
from common.requests import Request
from common.wire import Header, Received

R = TypeVar("R")
Handler = Callable[[Any], Awaitable[Any]]

_WAITING_LIMIT = 512


class Subscription:
    """An endless asynchronous iterator of `Received`. Invalid messages are counted and skipped."""

    def __init__(self, socket: zmq.asyncio.Socket) -> None:
        self._socket = socket
        self._seen: dict[str, tuple[str, int]] = {}
        self.bad = 0
        self._log = structlog.get_logger("bus")

    def __aiter__(self) -> AsyncIterator[Received]:
        return self

    async def __anext__(self) -> Received:
        while True:
            frames = await self._socket.recv_multipart()
            try:
                received = wire.decode(frames)
            except BadMessageError as error:
                self.bad += 1
                self._log.warning("bad message on the bus", error=error.message, count=self.bad)
                continue
            if not self._is_replay(received):
                return received

    def _is_replay(self, received: Received) -> bool:
        """Return whether this is a retained message that the broker repeated for another subscriber."""
        if not received.cls.RETAINED:
            return False
        stamp = (received.header.boot, received.header.seq)
        if self._seen.get(received.topic) == stamp:
            return True
        if received.message is None:
            self._seen.pop(received.topic, None)
        else:
            self._seen[received.topic] = stamp
        return False

    def close(self) -> None:
        self._socket.close(linger=0)


class Bus:
    """Access to the control plane and to requests. Use within one asyncio loop."""

    def __init__(self, name: str, run: Path, boot: str = "") -> None:
        self.name = name
        self.boot = boot or os.urandom(6).hex()
        self._run = run
        self._context = zmq.asyncio.Context()
        self._log = structlog.get_logger("bus")
        self._seq = 0
        self._linked = False
        self._retained: dict[str, list[bytes]] = {}
        self._waiting: deque[list[bytes]] = deque(maxlen=_WAITING_LIMIT)
        self._handlers: dict[str, tuple[type[Any], Handler]] = {}
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        # An XPUB receives the broker's subscription, which shows when a broker (re)appears. A PUB does not.
        self._publisher = self._context.socket(zmq.XPUB)
        tune(self._publisher, high_water=10_000)
        self._publisher.setsockopt(zmq.XPUB_VERBOSE, 1)
        self._publisher.connect(endpoint(run, "bus-in"))

    async def start(self) -> None:
        self.spawn(self._watch_link())

    def spawn(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Flush pending messages with a time limit, then close every socket."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for subscription in self._subscriptions:
            subscription.close()
        self._publisher.close(linger=300)
        self._context.term()

    # --- publish ---------------------------------------------------------------------------------

    @property
    def linked(self) -> bool:
        """Whether a broker is connected."""
        return self._linked

    def publish(self, message: Message, *, caused_by: str = "") -> str:
        """Publish without waiting. Return the message's id for `caused_by`."""
        header = self._header(caused_by)
        frames = wire.encode(message, header)
        if message.RETAINED:
            self._retained[message.topic()] = frames
        self._send(frames, keep=not message.RETAINED)
        return f"{self.name}:{header.seq}"

    def clear(self, cls: type[Message], key: str = "") -> None:
        """Remove the retained message of `cls` and `key` everywhere."""
        topic = f"{cls.TOPIC}/{key}"
        self._retained.pop(topic, None)
        self._send(wire.encode_clear(topic, self._header("")), keep=True)

    def _header(self, caused_by: str) -> Header:
        self._seq += 1
        return Header(sender=self.name, boot=self.boot, seq=self._seq, at=time.time(), caused_by=caused_by)

    def _send(self, frames: list[bytes], *, keep: bool) -> None:
        if self._linked:
            self._publisher.send_multipart(frames)  # an XPUB never blocks, so no await
        elif keep:
            if len(self._waiting) == _WAITING_LIMIT:
                self._log.warning("no broker: the oldest waiting message is lost")
            self._waiting.append(frames)

    async def _watch_link(self) -> None:
        while True:
            notice = await self._publisher.recv()
            self._linked = notice[:1] == b"\x01"
            if not self._linked:
                continue
            for frames in [*self._retained.values(), *self._waiting]:
                self._publisher.send_multipart(frames)
            self._waiting.clear()

    # --- subscribe -------------------------------------------------------------------------------

    def subscribe(self, *wanted: type[Message] | str) -> Subscription:
        """Subscribe to classes and topic prefixes. Retained messages come first, then new ones."""
        socket = self._context.socket(zmq.SUB)
        tune(socket, high_water=10_000)
        for item in wanted:
            socket.subscribe(item if isinstance(item, str) else f"{item.TOPIC}/")
        socket.connect(endpoint(self._run, "bus-out"))
        subscription = Subscription(socket)
        self._subscriptions.append(subscription)
        return subscription

    async def snapshot(self, *wanted: type[Message] | str, wait_s: float = 2.0) -> list[Received]:
        """Return the broker's current retained messages. Raises `BusUnreachableError`."""
        prefixes = [item if isinstance(item, str) else f"{item.TOPIC}/" for item in wanted] or [""]
        reply = await self._ask("broker", [SNAPSHOT, *(p.encode() for p in prefixes)], wait_s)
        return [wire.decode(wire.unpack(packed, list[bytes])) for packed in reply if packed]

    # --- requests --------------------------------------------------------------------------------

    async def request(self, request: Request[R], wait_s: float = 10.0) -> R:
        """Send a request to `request.WORKER` and return its reply.

        Raises `BusUnreachableError` after `wait_s` seconds without a reply, or the `PartylineError` in the reply.
        """
        name = type(request).__name__
        status, body = await self._ask(
            request.WORKER, [name.encode(), wire.pack(self._header("")), wire.pack(request)], wait_s, parts=2
        )
        if status == b"error":
            raise wire.unpack(body, ErrorReply).error()
        reply: R = wire.unpack(body, request.REPLY)
        return reply

    async def _ask(self, worker: str, frames: list[bytes], wait_s: float, parts: int = 0) -> list[bytes]:
        socket = self._context.socket(zmq.DEALER)
        tune(socket, high_water=100)
        try:
            socket.connect(endpoint(self._run, worker))
            async with asyncio.timeout(wait_s):
                await socket.send_multipart(frames)
                reply: list[bytes] = await socket.recv_multipart()
        except TimeoutError:
            raise BusUnreachableError(
                f"The {worker} worker did not answer within {wait_s:g} s.",
                "Start the pipeline with `partyline up`; if it is up, see `partyline status` and restart that worker.",
            ) from None
        finally:
            socket.close(linger=0)
        if parts and len(reply) != parts:
            raise BadMessageError(f"{worker} answered {len(reply)} frames", "Restart that worker.")
        return reply

    def serve(self, cls: type[Request[Any]], handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Answer requests of `cls` with what `handler` returns, or with the `PartylineError` it raises."""
        if not self._handlers:
            router = self._context.socket(zmq.ROUTER)
            tune(router, high_water=1000)
            bind(router, self._run, self.name)
            self.spawn(self._serve(router))
        self._handlers[cls.__name__] = (cls, handler)

    async def _serve(self, router: zmq.asyncio.Socket) -> None:
        try:
            while True:
                frames = await router.recv_multipart()
                self.spawn(self._answer(router, frames))
        finally:
            router.close(linger=100)

    async def _answer(self, router: zmq.asyncio.Socket, frames: list[bytes]) -> None:
        try:
            reply = [b"ok", wire.pack(await self._handle(frames[1:]))]
        except PartylineError as error:
            reply = [b"error", wire.pack(ErrorReply.of(error))]
        except Exception as error:  # noqa: BLE001  # a fault in one handler must not stop the others
            self._log.exception("request failed", frames=len(frames))
            fault = ErrorReply(
                code="worker.fault",
                message=f"{self.name} met an unexpected fault: {type(error).__name__}.",
                remedy=f"See the log of {self.name}, and report it.",
            )
            reply = [b"error", wire.pack(fault)]
        await router.send_multipart([frames[0], *reply])

    async def _handle(self, frames: list[bytes]) -> Any:
        if len(frames) != 3:
            raise BadMessageError(f"{len(frames)} frames where name, header and body belong")
        name = frames[0].decode("utf-8", "replace")
        if name not in self._handlers:
            raise BadMessageError(
                f"{self.name} knows no request {name[:40]!r}", "Use one version of partyline throughout."
            )
        cls, handler = self._handlers[name]
        return await handler(wire.unpack_request(frames[2], cls))
