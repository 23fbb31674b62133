"""The request sockets of workers that run on the other machine, so that they are asked here as if they ran here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import structlog
import zmq
import zmq.asyncio

from common.basic.tasks import Tasks
from common.bus.sockets import bind, tune
from common.errors import ErrorReply, PartylineError
from common.messages import wire

Frames = list[bytes]
Forward = Callable[[str, Frames], Awaitable[Frames]]
"""Asks a worker of the other machine: its name, the frames of the request → the frames of the reply. It may raise
`PartylineError`, and it ends: nobody who asks here waits for a machine that is away."""


class StandIns:
    """Sockets with the names of workers. A worker of that name must not run here: its socket would be taken away."""

    def __init__(self, context: zmq.asyncio.Context, run: Path, workers: Collection[str], forward: Forward) -> None:
        """Bind them. Raises `BusError` with the system's reason."""
        self._forward = forward
        self._tasks = Tasks()
        self._log = structlog.get_logger("split")
        self._sockets: dict[str, zmq.asyncio.Socket] = {}
        try:
            for worker in sorted(workers):
                self._sockets[worker] = socket = context.socket(zmq.ROUTER)
                tune(socket, high_water=1000)
                bind(socket, run, worker)
        except PartylineError:
            self._close()
            raise

    async def run(self) -> None:
        """Pass requests on until cancelled. The sockets are closed then."""
        try:
            await asyncio.gather(*(self._serve(name, socket) for name, socket in self._sockets.items()))
        finally:
            await self._tasks.cancel()
            self._close()

    def _close(self) -> None:
        for socket in self._sockets.values():
            socket.close(linger=100)

    async def _serve(self, worker: str, socket: zmq.asyncio.Socket) -> None:
        while True:
            self._tasks.spawn(self._answer(worker, socket, await socket.recv_multipart()))

    async def _answer(self, worker: str, socket: zmq.asyncio.Socket, asked: Frames) -> None:
        try:
            reply = await self._forward(worker, asked[1:])
        except PartylineError as error:
            reply = [b"error", wire.pack(ErrorReply.of(error))]
        except Exception as error:  # noqa: BLE001  # a fault in one request must not stop the others
            self._log.exception("request failed", of=worker)
            words = f"The link to {worker} met an unexpected fault: {type(error).__name__}."
            fault = ErrorReply(code="worker.fault", message=words, remedy="See its log, and report it.")
            reply = [b"error", wire.pack(fault)]
        await socket.send_multipart([asked[0], *reply])
