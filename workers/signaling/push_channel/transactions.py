"""Requests on an open push channel (1003 and 1007), each with its own tranId. No sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from common.psn.party.push import PushFrame


class Unanswered(Exception):  # noqa: N818  # it may not be a fault
    """No answer came within the limit."""


class Refusal(Exception):  # noqa: N818  # it is an answer
    """The server answered with a returnCode other than 0 [app]."""

    def __init__(self, frame: PushFrame) -> None:
        super().__init__(f"returnCode {frame.return_code}")
        self.retry_s = frame.retry_interval_s


class Talk:
    """Requests and their answers. `send` puts a frame on the socket, and `heard` needs every frame that arrives."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], limit_s: float) -> None:
        self._send = send
        self._limit_s = limit_s
        self._numbers = itertools.count(1)
        self._awaited: dict[tuple[int, str], asyncio.Future[PushFrame]] = {}

    def heard(self, frame: PushFrame) -> None:
        """Handle an answer. An unexpected or a second one is ignored."""
        answer = self._awaited.get((frame.method, frame.tran_id))
        if answer is not None and not answer.done():
            answer.set_result(frame)

    async def ask(self, method: int, make: Callable[[str], bytes]) -> PushFrame:
        """Send what `make` makes of a new tranId, and return its answer.

        Raises `Unanswered`, `Refusal`, and what the socket raises.
        """
        tran_id = str(next(self._numbers))
        answer: asyncio.Future[PushFrame] = asyncio.get_running_loop().create_future()
        self._awaited[method, tran_id] = answer
        try:
            async with asyncio.timeout(self._limit_s):
                await self._send(make(tran_id))
                frame = await answer
        except TimeoutError:
            raise Unanswered(f"no answer within {self._limit_s:g} s") from None
        finally:
            del self._awaited[method, tran_id]
        if frame.return_code:
            raise Refusal(frame)
        return frame
