"""What crosses between the desk and the spare machine, seen from the desk: state and events, each way, by our clock."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

import msgspec
import zmq
import zmq.asyncio

from common.basic.division import Division
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.requests import ask
from common.bus.sockets import OUT, SNAPSHOT, LocalSite, Site, tune
from common.bus.split import link_frames as link
from common.bus.split import said
from common.bus.split.republisher import Republisher
from common.bus.subscription import Subscription
from common.errors import BadMessageError, BusUnreachableError, ErrorReply
from common.messages import PeerState, Speaking, wire
from common.messages.wire import Header, Received

TRY_S = 2.0
"""Limit of each step of joining. A handshake takes three ways through the network."""

Job = Callable[[], Coroutine[Any, Any, None]]


class SendFrames(Protocol):
    async def __call__(self, verb: bytes, *frames: bytes) -> None: ...


class Crossing:
    """See the module. `run` it, and `close` it in the end."""

    def __init__(
        self, context: zmq.asyncio.Context, run: Path, site: FarSite, division: Division, clock: FarClock
    ) -> None:
        self._context = context
        self._local = LocalSite(run)
        self._site = site
        self._division = division
        self._clock = clock
        self._offset_s = 0.0
        self._republisher = Republisher(context, run)
        self._numbers = itertools.count(1)
        self._boot = os.urandom(6).hex()
        self._said: set[str] = set()
        """Retained topics that the other machine has said on this connection."""

    async def run(self) -> None:
        """Publish here until cancelled."""
        await self._republisher.run()

    def close(self) -> None:
        """Clear what is the other machine's alone. The state of its workers stays, since it goes on."""
        for topic in [topic for topic in self._said if said.is_of(topic, (), self._division.machine)]:
            self._clear(topic)
        self._republisher.close()

    @contextlib.asynccontextmanager
    async def subscribed(self, send: SendFrames) -> AsyncIterator[tuple[Job, Job]]:
        """Yield two jobs that carry what is said from now on, to us and to them. Raises `TimeoutError`."""
        async with asyncio.timeout(TRY_S):
            while (offset := self._clock.offset_s) is None:  # noqa: ASYNC110  # a FarClock has no event
                await asyncio.sleep(0.02)
        self._offset_s = offset
        theirs = self._subscribed(self._site, said.prefixes(self._division.there))
        ours = self._subscribed(self._local, said.prefixes(self._division.here))

        async def hear() -> None:
            async for received in theirs:
                self._publish(received)

        async def say() -> None:
            async for received in ours:
                await self._tell(received, send)

        try:
            yield hear, say
        finally:
            theirs.close()
            ours.close()

    def _subscribed(self, site: Site, prefixes: list[str]) -> Subscription:
        socket = self._context.socket(zmq.SUB)
        tune(socket, high_water=10_000)
        for prefix in prefixes:
            socket.subscribe(prefix)
        site.connect(socket, OUT)
        return Subscription(socket)

    async def begin(self, send: SendFrames) -> None:
        """Crossing all that is retained. What either side does not have any more is cleared on the other one.

        Raises `PartylineError` if one of the two brokers does not answer.
        """
        self._said.clear()
        for received in await self._snapshot(self._site, said.prefixes(self._division.there)):
            self._publish(received)
        for received in await self._snapshot(self._local, [""]):
            gone = received.topic not in self._said
            if gone and said.is_of(received.topic, self._division.there, self._division.machine):
                self._clear(received.topic)
            await self._tell(received, send)
        await send(link.ALL)

    async def _snapshot(self, site: Site, prefixes: list[str]) -> list[Received]:
        frames = [SNAPSHOT, *(prefix.encode() for prefix in prefixes)]
        reply = await ask(self._context, site, "broker", frames, TRY_S)
        if reply[:1] == [b"error"] and len(reply) == 2:
            raise wire.unpack(reply[1], ErrorReply).error()
        return [wire.decode(wire.unpack(packed, list[bytes])) for packed in reply if packed]

    # --- one message -------------------------------------------------------------------------------------

    def _publish(self, received: Received) -> None:
        """Publish here what one of their workers says, by our clock."""
        if not said.is_said(received, self._division.there):
            return  # one of ours, as their broker has it
        received = said.named(self._moved(received, -self._clock_s()), self._division.machine)
        self._republisher.publish(said.frames(received))
        if received.cls.RETAINED and received.message is not None:
            self._said.add(received.topic)
        else:
            self._said.discard(received.topic)

    async def _tell(self, received: Received, send: SendFrames) -> None:
        """Tell them what one of our workers says, by their clock."""
        if said.is_said(received, self._division.here):
            await send(link.SAY, *said.frames(self._moved(received, self._clock_s())))

    def _clock_s(self) -> float:
        """Return their boot clock minus ours, the last known one while it does not answer."""
        offset = self._clock.offset_s
        self._offset_s = self._offset_s if offset is None else offset
        return self._offset_s

    @staticmethod
    def _moved(received: Received, seconds: float) -> Received:
        message = received.message and said.shifted(received.message, seconds)
        return msgspec.structs.replace(received, message=message)

    def _clear(self, topic: str) -> None:
        self._republisher.publish(wire.encode_clear(topic, self._header()))

    def _header(self) -> Header:
        return Header(sender="link", boot=self._boot, seq=next(self._numbers), at=time.time())

    # --- when they are away ----------------------------------------------------------------------------

    async def mark_away(self) -> None:
        """Say that nobody is heard. The heartbeats of their workers get old by themselves."""
        with contextlib.suppress(BusUnreachableError, BadMessageError):
            for received in await self._snapshot(self._local, [f"{PeerState.TOPIC}/", f"{Speaking.TOPIC}/"]):
                if (lost := silenced(received, self._division.machine)) is not None:
                    self._republisher.publish(wire.encode(lost, self._header()))


def silenced(received: Received, machine: str) -> PeerState | Speaking | None:
    """Return the state of a talker who is not heard any more, None if nothing changes."""
    match received.message:
        case PeerState(connection=connection) as state if connection != "lost":
            return msgspec.structs.replace(state, connection="lost", detail=f"{machine} is away")
        case Speaking(speaking=True) as state:
            return msgspec.structs.replace(state, speaking=False, at=time.time())
        case _:
            return None
