"""One connection of the link to the spare machine's gate, from hello until it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable

import zmq
import zmq.asyncio

from common.basic.tasks import Tasks
from common.bus.peers.far_site import FarSite
from common.bus.sockets import tune
from common.bus.split import link_frames as link
from common.errors import ErrorReply, PartylineError
from common.messages import wire

Frames = list[bytes]
BYE_S = 0.2
"""Limit for handing the last frame to ZeroMQ, which takes it at once unless its queue is full."""


class ConnectionLostError(Exception):
    """The other machine does not answer any more."""


class LinkConnection:
    """See the module."""

    def __init__(self, context: zmq.asyncio.Context, site: FarSite) -> None:
        self._id = os.urandom(8)
        self._site = site
        self._tasks = Tasks()
        self._beat_at = time.monotonic()
        self._socket = context.socket(zmq.DEALER)
        tune(self._socket, high_water=2_000)
        site.connect(self._socket, "link")

    async def hello(self, hello: link.LinkHello) -> None:
        """Say hello and wait for the welcome. Raises `PartylineError` if the gate refuses."""
        await self.send(link.HELLO, wire.pack(hello))
        while (reply := await self._socket.recv_multipart())[1:2] != [link.WELCOME]:
            _raise_if_refused(reply)
        self._beat_at = time.monotonic()

    async def send(self, verb: bytes, *frames: bytes) -> None:
        await self._socket.send_multipart([link.LINK, verb, self._id, *frames])

    async def receive(self, answer: Callable[[str, Frames], Awaitable[Frames]]) -> None:
        """Take what the gate says. Requests are answered by `answer`, side by side."""
        try:
            while True:
                frames = await self._socket.recv_multipart()
                _raise_if_refused(frames)
                self._beat_at = time.monotonic()
                if frames[1:2] == [link.ASK] and len(frames) > 3:
                    self._tasks.spawn(self._reply(answer, frames[2], frames[3].decode("utf-8", "replace"), frames[4:]))
        finally:
            await self._tasks.cancel()

    async def _reply(
        self, answer: Callable[[str, Frames], Awaitable[Frames]], number: bytes, worker: str, frames: Frames
    ) -> None:
        try:
            reply = await answer(worker, frames)
        except PartylineError as error:
            reply = [b"error", wire.pack(ErrorReply.of(error))]
        await self.send(link.ANSWER, number, *reply)

    async def beat(self) -> None:
        """Beat until nothing comes back for `LOST_S`. Raises `ConnectionLostError` then."""
        number = 0
        while time.monotonic() - self._beat_at < link.LOST_S:
            number += 1
            with contextlib.suppress(zmq.Again):
                await self._socket.send_multipart(
                    [link.LINK, link.BEAT, self._id, str(number).encode()], flags=zmq.NOBLOCK
                )
            await asyncio.sleep(link.BEAT_S)
        raise ConnectionLostError(f"no beat for {link.LOST_S:g} s")

    async def close(self) -> None:
        """Say bye, if the gate still takes it, and close the socket."""
        with contextlib.suppress(zmq.ZMQError, TimeoutError):
            async with asyncio.timeout(BYE_S):
                await self.send(link.BYE)
        self._socket.close(linger=100)


def _raise_if_refused(frames: Frames) -> None:
    if frames[1:2] == [link.REFUSED] and len(frames) == 3:
        reply = wire.unpack(frames[2], ErrorReply)
        raise link.NotSplitError(reply.message, reply.remedy, code=reply.code)
    if frames[:1] == [b"error"] and len(frames) == 2:  # a gate without a split of this version
        raise wire.unpack(frames[1], ErrorReply).error()
