"""What becomes of a 1003 and of a 1007, by the server's answer."""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec
import pytest

from common.config.tables import PsnSettings
from common.errors import PartyError
from common.psn.party.push import KeepAliveTold, PushFrame
from common.requests import Token
from workers.signaling.push_channel.keep_alive import IDLE, KNOWN, VOICE_CHAT
from workers.signaling.push_channel.reconnect_policy import FailureKind
from workers.signaling.push_channel.status_control import ConnectionTerms, StatusControl
from workers.signaling.push_channel.transactions import Transactions

TOKEN = Token(access_token="a-token-of-this-test", account_id="1", duid="", expires_at=9e9)
OK: dict[str, Any] = {}


class Server:
    """Answers the next frame as it is told, None for not at all, an error for a broken connection."""

    def __init__(self, protocol: str = "3.0") -> None:
        self.answer: dict[str, Any] | Exception | None = OK
        self.frames: list[dict[str, Any]] = []
        self.unanswered = 0
        self.transactions = Transactions(self._send, 0.01)
        self.control = StatusControl(
            PsnSettings(), ConnectionTerms(protocol, TOKEN), self.transactions, self._on_no_answer
        )

    async def _send(self, raw: bytes) -> None:
        if isinstance(self.answer, Exception):
            raise self.answer
        frame = msgspec.json.decode(raw)
        self.frames.append(frame)
        if self.answer is not None:
            self.transactions.on_answer(PushFrame(method=frame["method"], tran_id=frame["tranId"], **self.answer))

    def _on_no_answer(self) -> None:
        self.unanswered += 1


async def test_protocol_2_1_has_neither_frame() -> None:
    server = Server("2.1")
    assert await server.control.authorise() is None
    assert await server.control.switch(IDLE) is None
    assert server.frames == []
    assert (server.control.answered, server.control.kind) == (None, VOICE_CHAT)


async def test_an_accepted_first_frame_leaves_the_channel_idle() -> None:
    server = Server()
    assert await server.control.authorise() is None
    assert [frame["method"] for frame in server.frames] == [1003]
    assert (server.control.answered, server.control.kind) == (True, IDLE)


async def test_a_first_frame_without_an_answer_ends_nothing_but_the_link_is_verified() -> None:
    server = Server()
    server.answer = None
    assert await server.control.authorise() is None
    assert (server.control.answered, server.unanswered) == (False, 1)


@pytest.mark.parametrize(
    ("answer", "failure", "retry_s"),
    [
        ({"return_code": 17, "retry_interval_s": 60.0}, FailureKind.UNAUTHORIZED, 60.0),
        (aiohttp.ClientConnectionError(), FailureKind.LOST, 0.0),
    ],
)
async def test_a_refused_first_frame_ends_the_connection(answer: Any, failure: FailureKind, retry_s: float) -> None:
    server = Server()
    server.answer = answer
    end = await server.control.authorise()
    assert end is not None
    assert (end.failure, end.retry_s) == (failure, retry_s)
    assert "a-token-of-this-test" not in f"{end} {server.control} {ConnectionTerms('3.0', TOKEN)}"


async def test_an_accepted_type_has_the_timing_that_the_server_names() -> None:
    server = Server()
    server.answer = {"keep_alive": KeepAliveTold(interval_s=8.0)}
    timing = await server.control.switch(VOICE_CHAT)
    assert timing is not None
    assert (timing.interval_s, timing.pong_s) == (8.0, KNOWN[VOICE_CHAT].pong_s)
    assert server.control.kind == VOICE_CHAT
    assert await server.control.switch(VOICE_CHAT) is None, "it is in force already"
    assert len(server.frames) == 1


@pytest.mark.parametrize(
    ("answer", "words", "unanswered"),
    [
        (None, "did not answer", 1),
        ({"return_code": 5}, "returnCode 5", 0),
        (ConnectionResetError(), "closed the connection", 0),
    ],
)
async def test_a_type_that_is_not_accepted_stays_as_it_was(answer: Any, words: str, unanswered: int) -> None:
    server = Server()
    server.answer = answer
    with pytest.raises(PartyError, match=words) as caught:
        await server.control.switch(VOICE_CHAT)
    assert caught.value.remedy
    assert (server.control.kind, server.unanswered) == (IDLE, unanswered)
