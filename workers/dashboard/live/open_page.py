"""An open page with its socket. It takes what is to be sent when it can send, so that a slow page blocks nobody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from aiohttp import web

PAUSE_S = 0.05
"""Least time between two frames to a page. Changes in between are sent together."""


class OpenPage:
    """One open page. `take` returns the next frame, or None if there is nothing to send."""

    def __init__(self, socket: web.WebSocketResponse, take: Callable[[], bytes | None]) -> None:
        self.socket = socket
        self._take = take
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def send(self) -> None:
        """Send until cancelled. A slow page blocks only its own task."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if frame := self._take():
                await self.socket.send_str(frame.decode())
            await asyncio.sleep(PAUSE_S)


P = TypeVar("P", bound=OpenPage)


@contextlib.asynccontextmanager
async def kept_open(page: P, among: set[P]) -> AsyncIterator[None]:
    """Have `page` among the open ones and let it send."""
    among.add(page)
    page.wake()
    sending = asyncio.create_task(page.send())
    try:
        yield
    finally:
        among.discard(page)
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await sending
        await page.socket.close()
