from __future__ import annotations

import asyncio

import pytest

from common.psn.party.push import PushFrame
from tests.support.waiting import PATIENCE_S, until
from workers.signaling.push_channel.transactions import NoAnswerError, ReturnCodeError, Transactions


class Line:
    """Requests on a line whose other side is the test."""

    def __init__(self, limit_s: float = PATIENCE_S) -> None:
        self.sent: list[bytes] = []
        self.transactions = Transactions(self._send, limit_s)

    async def _send(self, frame: bytes) -> None:
        self.sent.append(frame)

    async def request(self, method: int) -> asyncio.Task[PushFrame]:
        """Start a request. Return it once it was sent."""
        before = len(self.sent)
        task = asyncio.create_task(self.transactions.request(method, str.encode))
        await until(lambda: len(self.sent) != before, "len(self.sent) != before", every_s=0)
        return task

    def answer(self, method: int, tran_id: str, **more: float) -> None:
        self.transactions.on_answer(PushFrame(method=method, tran_id=tran_id, **more))


async def test_each_request_has_its_own_id_and_gets_its_own_answer() -> None:
    line = Line()
    first, second = await line.request(1003), await line.request(1007)
    assert line.sent == [b"1", b"2"]
    line.answer(1007, "2")
    line.answer(1003, "1")
    assert ((await first).method, (await second).method) == (1003, 1007)


async def test_answers_to_another_request_or_a_second_one_do_nothing() -> None:
    line = Line()
    task = await line.request(1003)
    line.answer(1007, "1")
    line.answer(1003, "2")
    line.answer(1003, "1", retry_interval_s=1.0)
    line.answer(1003, "1", return_code=9)
    assert (await task).retry_interval_s == 1.0
    line.answer(1003, "1")


async def test_a_return_code_is_raised_with_the_servers_wait() -> None:
    line = Line()
    task = await line.request(1003)
    line.answer(1003, "1", return_code=17, retry_interval_s=60.0)
    with pytest.raises(ReturnCodeError, match="17") as caught:
        await task
    assert caught.value.retry_s == 60.0


async def test_no_answer_within_the_limit_is_raised() -> None:
    line = Line(limit_s=0.01)
    with pytest.raises(NoAnswerError):
        await line.transactions.request(1003, str.encode)
    line.answer(1003, "1")
