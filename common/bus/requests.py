"""Requests from process to process: asking a worker, and answering what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
import zmq
import zmq.asyncio

from common.basic.tasks import Tasks
from common.bus.sockets import Site, bind, tune
from common.errors import BadMessageError, BusError, BusUnreachableError, ErrorReply, PartylineError
from common.messages import wire
from common.requests import Request

Handler = Callable[[Any], Awaitable[Any]]


async def ask(context: zmq.asyncio.Context, site: Site, worker: str, frames: list[bytes], wait_s: float) -> list[bytes]:
    """Send frames to a worker's own socket and return its reply. Raises `BusUnreachableError`."""
    socket = context.socket(zmq.DEALER)
    tune(socket, high_water=100)
    try:
        site.connect(socket, worker)
        async with asyncio.timeout(wait_s):
            await socket.send_multipart(site.addressed(worker, frames))
            reply: list[bytes] = await socket.recv_multipart()
    except TimeoutError:
        raise BusUnreachableError(
            f"The {worker} worker did not answer within {wait_s:g} s.",
            "Start the pipeline with `partyline up`. If it is up, see `partyline status` and restart that worker.",
        ) from None
    finally:
        socket.close(linger=0)
    return reply


class RequestServer:
    """Answers the requests to one process. Its socket is bound at the first `serve`."""

    def __init__(self, context: zmq.asyncio.Context, run: Path | None, name: str, tasks: Tasks) -> None:
        self._context = context
        self._run = run
        self._name = name
        self._tasks = tasks
        self._log = structlog.get_logger("bus")
        self._handlers: dict[str, tuple[type[Any], Handler]] = {}

    def serve(self, cls: type[Request[Any]], handler: Handler) -> None:
        """Answer requests of `cls` with what `handler` returns, or with the `PartylineError` it raises."""
        if self._run is None:
            raise BusError("A process can be asked on its own machine only.")
        if not self._handlers:
            router = self._context.socket(zmq.ROUTER)
            tune(router, high_water=1000)
            bind(router, self._run, self._name)
            self._tasks.spawn(self._serve(router))
        self._handlers[cls.__name__] = (cls, handler)

    async def _serve(self, router: zmq.asyncio.Socket) -> None:
        try:
            while True:
                frames = await router.recv_multipart()
                self._tasks.spawn(self._answer(router, frames))
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
                message=f"{self._name} met an unexpected fault: {type(error).__name__}.",
                remedy=f"See the log of {self._name}, and report it.",
            )
            reply = [b"error", wire.pack(fault)]
        await router.send_multipart([frames[0], *reply])

    async def _handle(self, frames: list[bytes]) -> Any:
        if len(frames) != 3:
            raise BadMessageError(
                f"The {self._name} worker got {len(frames)} frames where name, header and body belong.",
                "Use one version of partyline throughout.",
            )
        name = frames[0].decode("utf-8", "replace")
        if name not in self._handlers:
            raise BadMessageError(
                f"The {self._name} worker knows no request {name[:40]!r}.", "Use one version of partyline throughout."
            )
        cls, handler = self._handlers[name]
        return await handler(wire.unpack_request(frames[2], cls))
