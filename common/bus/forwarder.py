"""The broker's end of the control plane."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
import zmq
import zmq.asyncio

from common.bus.sockets import IN, OUT, SNAPSHOT, bind, tune
from common.errors import BadMessageError
from common.messages import wire


class Forwarder:
    """The broker's inside: XSUB → XPUB with the last retained message of each topic. Bad messages stop here."""

    def __init__(self, run: Path) -> None:
        self._context = zmq.asyncio.Context()
        self.store = wire.RetainedStore()
        self.bad = 0
        self.forwarded = 0
        self._log = structlog.get_logger("bus")
        self._in = self._bound(zmq.XSUB, run, IN)
        self._out = self._bound(zmq.XPUB, run, OUT, verbose=True)
        self._ask = self._bound(zmq.ROUTER, run, "broker")

    def _bound(self, kind: int, run: Path, name: str, *, verbose: bool = False) -> zmq.asyncio.Socket:
        socket = self._context.socket(kind)
        tune(socket, high_water=10_000)
        if verbose:
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        bind(socket, run, name)
        return socket

    async def run(self) -> None:
        """Forward for ever (until cancelled)."""
        await self._in.send(b"\x01")  # every topic; this is what tells publishers that a broker is here
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward())
                group.create_task(self._replay())
                group.create_task(self._answer())
        finally:
            for socket in (self._in, self._out, self._ask):
                socket.close(linger=100)
            self._context.term()

    async def _forward(self) -> None:
        while True:
            frames = await self._in.recv_multipart()
            try:
                self.store.record(frames)
            except BadMessageError as error:
                self.bad += 1
                self._log.warning("bad message stopped at the broker", error=error.message, count=self.bad)
                continue
            self.forwarded += 1
            await self._out.send_multipart(frames)

    async def _replay(self) -> None:
        while True:
            notice = await self._out.recv()
            if notice[:1] != b"\x01":
                continue
            for frames in self.store.matching(notice[1:].decode("utf-8", "replace")):
                await self._out.send_multipart(list(frames))

    async def _answer(self) -> None:
        while True:
            identity, *frames = await self._ask.recv_multipart()
            if frames[:1] != [SNAPSHOT]:
                self.bad += 1
                self._log.warning("unknown question to the broker", count=self.bad)
                continue
            found = {
                stored[0]: stored
                for prefix in frames[1:]
                for stored in self.store.matching(prefix.decode("utf-8", "replace"))
            }
            packed = [wire.pack(list(stored)) for stored in found.values()]
            await self._ask.send_multipart([identity, *(packed or [b""])])  # an identity alone is dropped
