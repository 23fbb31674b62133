"""The requests of the spare machine to workers of the desk, on the connection that the link has made."""

from __future__ import annotations

import asyncio
import itertools

from common.bus.peers.gate_requests import ANSWER_S, Send
from common.bus.split import link_frames as link

Frames = list[bytes]


class AskedOfTheDesk:
    """Passes requests on while the desk is here, and ends them when it goes."""

    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._send: Send | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frames]] = {}

    @property
    def is_possible(self) -> bool:
        return self._send is not None

    def begin(self, send: Send) -> None:
        """Pass requests on by `send`."""
        self._send = send

    def end(self) -> None:
        """Pass nothing on any more. Whoever waits gets an error."""
        self._send = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError())

    async def forward(self, worker: str, frames: Frames) -> Frames:
        """Ask a worker of the desk. Raises `BusUnreachableError` while it is away, or when it goes."""
        if self._send is None:
            raise link.away(worker, self._machine)
        number = str(next(self._numbers))
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send([link.LINK, link.ASK, number.encode(), worker.encode(), *frames])
            async with asyncio.timeout(ANSWER_S):
                reply: Frames = await waiting
        except (TimeoutError, ConnectionError):
            raise link.away(worker, self._machine) from None
        finally:
            del self._waiting[number]
        return reply

    def answer(self, number: str, frames: Frames) -> None:
        """Take the reply to the request of that number."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(frames)
