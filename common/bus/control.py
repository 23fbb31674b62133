"""A process' access to the control plane: publish, subscribe, request and serve."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import zmq
import zmq.asyncio

from common.basic.tasks import Tasks
from common.bus.publisher import Publisher
from common.bus.requests import RequestServer, ask
from common.bus.sockets import CLOCK, OUT, SNAPSHOT, Site, site_of, tune
from common.bus.split.link_frames import DIVIDE, Wish
from common.bus.subscription import Subscription
from common.errors import BadMessageError, BusUnreachableError, ErrorReply
from common.messages import Message, wire
from common.messages.wire import Received
from common.requests import Done, Request

R = TypeVar("R")


class Bus:
    """Access to the control plane and to requests. Use within one asyncio loop."""

    def __init__(self, name: str, place: Path | Site, boot: str = "") -> None:
        """`place` is a home's `run`, or where else the sockets are. One elsewhere serves no requests."""
        self.name = name
        self.boot = boot or os.urandom(6).hex()
        self._site = site_of(place)
        self._context = zmq.asyncio.Context()
        self._tasks = Tasks()
        self._publisher = Publisher(self._context, self._site, name, self.boot)
        self._server = RequestServer(self._context, place if isinstance(place, Path) else None, name, self._tasks)
        self._subscriptions: list[Subscription] = []

    async def start(self) -> None:
        self._tasks.spawn(self._publisher.run())

    async def close(self) -> None:
        """Flush pending messages with a time limit, then close every socket."""
        await self._tasks.cancel()
        for subscription in self._subscriptions:
            subscription.close()
        self._publisher.close()
        self._context.term()

    # --- publish ---------------------------------------------------------------------------------

    @property
    def linked(self) -> bool:
        """Whether a broker is connected."""
        return self._publisher.linked

    def publish(self, message: Message, *, caused_by: str = "") -> str:
        """Publish without waiting. Return the message's id for `caused_by`."""
        return self._publisher.publish(message, caused_by)

    def clear(self, cls: type[Message], key: str = "") -> None:
        """Remove the retained message of `cls` and `key` everywhere."""
        self._publisher.clear(f"{cls.TOPIC}/{key}")

    # --- subscribe -------------------------------------------------------------------------------

    def subscribe(self, *wanted: type[Message] | str) -> Subscription:
        """Subscribe to classes and topic prefixes. Retained messages come first, then new ones."""
        socket = self._context.socket(zmq.SUB)
        tune(socket, high_water=10_000)
        for prefix in _prefixes(wanted):
            socket.subscribe(prefix)
        self._site.connect(socket, OUT)
        subscription = Subscription(socket)
        self._subscriptions.append(subscription)
        return subscription

    async def snapshot(self, *wanted: type[Message] | str, wait_s: float = 2.0) -> list[Received]:
        """Return the broker's current retained messages. Raises `BusUnreachableError`."""
        prefixes = [prefix.encode() for prefix in _prefixes(wanted) or [""]]
        reply = await ask(self._context, self._site, "broker", [SNAPSHOT, *prefixes], wait_s)
        return [wire.decode(wire.unpack(packed, list[bytes])) for packed in reply if packed]

    async def clocks(self, wait_s: float) -> tuple[float, float]:
        """Return Unix seconds and `boot_s` of the machine behind a gate. Raises `BusUnreachableError`."""
        reply = await ask(self._context, self._site, "gate", [CLOCK], wait_s)
        if len(reply) < 2 or reply[0] == b"error":
            raise BusUnreachableError("The other machine does not let this one in.", "Pair it again.")
        return float(reply[0]), float(reply[1])

    async def divide(self, wish: Wish, wait_s: float) -> Done:
        """Ask the gate of another machine to divide the workers. Raises `PartylineError`."""
        status, body = await ask(self._context, self._site, "gate", [DIVIDE, wire.pack(wish)], wait_s)
        if status == b"error":
            raise wire.unpack(body, ErrorReply).error()
        return wire.unpack(body, Done)

    async def ask_gate(self, question: bytes, wait_s: float) -> list[bytes]:
        """Return what a gate answers itself. Raises `BusUnreachableError`, or the `PartylineError` in the answer."""
        reply = await ask(self._context, self._site, "gate", [question], wait_s)
        if reply[:1] == [b"error"] and len(reply) == 2:
            raise wire.unpack(reply[1], ErrorReply).error()
        return reply

    # --- requests --------------------------------------------------------------------------------

    async def request(self, request: Request[R], wait_s: float = 10.0) -> R:
        """Send a request to `request.WORKER` and return its reply.

        Raises `BusUnreachableError` after `wait_s` seconds without a reply, or the `PartylineError` in the reply.
        """
        name, worker = type(request).__name__, request.WORKER
        frames = [name.encode(), wire.pack(self._publisher.header()), wire.pack(request)]
        answer = await ask(self._context, self._site, worker, frames, wait_s)
        if len(answer) != 2:
            raise BadMessageError(f"{worker} answered {len(answer)} frames", "Restart that worker.")
        status, body = answer
        if status == b"error":
            raise wire.unpack(body, ErrorReply).error()
        reply: R = wire.unpack(body, request.REPLY)
        return reply

    def serve(self, cls: type[Request[Any]], handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Answer requests of `cls` with what `handler` returns, or with the `PartylineError` it raises."""
        self._server.serve(cls, handler)


def _prefixes(wanted: tuple[type[Message] | str, ...]) -> list[str]:
    return [item if isinstance(item, str) else f"{item.TOPIC}/" for item in wanted]
