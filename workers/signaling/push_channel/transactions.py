"""Requests on an open push channel (1003 and 1007), each with its own tranId. No sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from common.psn.party.push import PushFrame


class NoAnswerError(Exception):
    """No answer came within the limit."""


class ReturnCodeError(Exception):
    """The server answered with a returnCode other than 0 [app]."""

    def __init__(self, frame: PushFrame) -> None:
        super().__init__(f"returnCode {frame.return_code}")
        self.retry_s = frame.retry_interval_s


class Transactions:
    """Requests and their answers. `send` puts a frame on the socket. `on_answer` needs every answer that arrives."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], limit_s: float) -> None:
        self._send = send
        self._limit_s = limit_s
        self._numbers = itertools.count(1)
        self._awaited: dict[tuple[int, str], asyncio.Future[PushFrame]] = {}

    def on_answer(self, frame: PushFrame) -> None:
        """Handle an answer. An unexpected or a second one is ignored."""
        answer = self._awaited.get((frame.method, frame.tran_id))
        if answer is not None and not answer.done():
            answer.set_result(frame)

    async def request(self, method: int, make: Callable[[str], bytes]) -> PushFrame:
        """Send what `make` makes of a new tranId, and return its answer.

        Raises `NoAnswerError`, `ReturnCodeError`, and what the socket raises.
        """
        tran_id = str(next(self._numbers))
        answer: asyncio.Future[PushFrame] = asyncio.get_running_loop().create_future()
        self._awaited[method, tran_id] = answer
        try:
            async with asyncio.timeout(self._limit_s):
                await self._send(make(tran_id))
                frame = await answer
        except TimeoutError:
            raise NoAnswerError(f"no answer within {self._limit_s:g} s") from None
        finally:
            del self._awaited[method, tran_id]
        if frame.return_code:
            raise ReturnCodeError(frame)
        return frame
