"""The record of a DTLS handshake, by OpenSSL's info callback, and which flight is repeated, until when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiortc.rtcdtlstransport import State

from tests.support.waiting import until
from workers.media.guard import dtls
from workers.media.guard.dtls import DtlsWatch
from workers.media.guard.handshake import MAX_ALERTS, Handshake

READ_ALERT, WROTE_ALERT, DONE = 0x4004, 0x4008, 0x20
WARNING, FATAL = 1 << 8, 2 << 8
FIRST, SECOND = b"\x16first", b"\x16second"


def test_alerts_say_who_sent_them_and_how_bad_they_are() -> None:
    handshake = Handshake()
    handshake.on_info(READ_ALERT, FATAL | 40)
    handshake.on_info(WROTE_ALERT, WARNING | 90)
    handshake.on_info(READ_ALERT, FATAL | 200)
    assert handshake.alerts == [
        "they sent fatal: handshake failure",
        "we sent warning: user cancelled",
        "they sent fatal: alert 200",
    ]
    assert not handshake.done


def test_the_usual_end_is_no_alert_and_their_number_is_bounded() -> None:
    handshake = Handshake()
    handshake.on_info(READ_ALERT, WARNING)
    assert handshake.alerts == []
    for _ in range(100):
        handshake.on_info(READ_ALERT, FATAL | 40)
    assert len(handshake.alerts) == MAX_ALERTS


def test_the_end_of_the_handshake_is_noticed() -> None:
    handshake = Handshake()
    handshake.on_info(0x10, 1)
    assert not handshake.done
    handshake.on_info(DONE, 1)
    assert handshake.done


class Line:
    """Stands in for aiortc's DTLS transport and for the ICE transport below it."""

    def __init__(self, role: str) -> None:
        self.sent: list[bytes] = []
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport = self
        self._state, self._role = State.CONNECTING, role

    async def _send(self, data: bytes) -> None:
        self.sent.append(data)

    async def _recv(self) -> bytes:
        return await self.came.get()

    def _validate_peer_identity(self, _: Any) -> None: ...

    async def receive(self, data: bytes) -> None:
        self.came.put_nowait(data)
        await self._recv()


def watched(role: str) -> tuple[Any, Handshake, DtlsWatch]:
    line, handshake = Line(role), Handshake()
    return line, handshake, DtlsWatch(line, handshake)  # type: ignore[arg-type]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "AGAIN_S", (0.01,) * 400)


async def test_a_flight_is_repeated_although_a_part_of_the_reply_came(soon: None) -> None:
    line, _, watch = watched("server")
    await line._send(FIRST)
    await line.receive(b"\x16a part of their flight")
    before = len(line.sent)
    await until(lambda: len(line.sent) > before + 3, "it is repeated")
    assert set(line.sent) == {FIRST}
    watch.close()


async def test_the_next_flight_ends_the_repetition_of_the_one_before(soon: None) -> None:
    line, _, watch = watched("server")
    await line._send(FIRST)
    await line.receive(b"\x16their flight")
    await line._send(SECOND)
    at = len(line.sent)
    await until(lambda: len(line.sent) > at + 3, "it is repeated")
    assert set(line.sent[at:]) == {SECOND}
    watch.close()


async def test_the_libraries_own_repetition_takes_the_place_of_the_flight(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, _, watch = watched("client")
    await line._send(FIRST)
    await line._send(SECOND)
    assert watch._flight == [FIRST, SECOND]
    monkeypatch.setattr(dtls, "_APART_S", -1.0)  # as if a second had passed
    await line._send(FIRST)
    assert watch._flight == [FIRST]
    watch.close()


async def test_a_client_that_is_done_repeats_nothing_and_a_server_its_last_flight_a_few_times(soon: None) -> None:
    counts = {}
    for role in ("client", "server"):
        line, handshake, watch = watched(role)
        await line._send(FIRST)
        handshake.done = True
        await until(lambda watch=watch: watch._task is not None and watch._task.done(), "repeating ends")
        counts[role] = len(line.sent) - 1
    assert counts == {"client": 0, "server": dtls._LAST_FLIGHT_TIMES}


async def test_voice_ends_the_repetition_of_the_last_flight(soon: None) -> None:
    line, handshake, watch = watched("server")
    await line._send(FIRST)
    handshake.done = True
    await line.receive(b"\x80\x6f" + bytes(20))
    assert watch._flight == []
    watch.close()
