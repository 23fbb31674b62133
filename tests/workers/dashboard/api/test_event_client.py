"""A client's queue: what waits is bounded by number and by bytes, and who exceeds it is cut off at once."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiohttp import WSMsgType

from common.api.frames import Subscribe
from common.api.keys import KeyGrant
from tests.support.waiting import until
from workers.dashboard.api import event_client
from workers.dashboard.api.callers import CallRefusedError
from workers.dashboard.api.event_client import (
    LEVELS_WAITING,
    MOST_CLIENTS,
    MOST_OF_A_KEY,
    MOST_WAITING,
    MOST_WAITING_BYTES,
    EventClient,
    check_room,
)
from workers.dashboard.api.feed import EventSubscription

GRANT = KeyGrant(key_id="a", name="a", right="read")


class Transport:
    def __init__(self) -> None:
        self.aborted = 0

    def abort(self) -> None:
        self.aborted += 1

    def get_extra_info(self, name: str) -> None:
        return None


class Socket:
    """A socket whose other end reads or not."""

    def __init__(self, *, reads: bool = True, failed: BaseException | None = None) -> None:
        self.sent: list[bytes] = []
        self.codes: list[int] = []
        self._reads = asyncio.Event()
        self._failed = failed
        if reads:
            self._reads.set()

    async def send_frame(self, frame: bytes, kind: WSMsgType) -> None:
        assert kind is WSMsgType.TEXT
        self.sent.append(frame)
        await self._reads.wait()

    async def close(self, *, code: int, message: bytes) -> None:
        self.codes.append(code)
        await self._reads.wait()

    def exception(self) -> BaseException | None:
        return self._failed


def client(socket: Any = None, transport: Any = None) -> EventClient:
    return EventClient(socket or Socket(), transport, GRANT)


async def test_frames_are_sent_in_their_order() -> None:
    socket = Socket()
    made = client(socket)
    sending = asyncio.create_task(made.send())
    for number in range(5):
        made.put(b"%d" % number)
    await until(lambda: len(socket.sent) == 5, "they are sent")
    assert socket.sent == [b"0", b"1", b"2", b"3", b"4"]
    sending.cancel()


@pytest.mark.parametrize(("size", "fits"), [(1, MOST_WAITING), (MOST_WAITING_BYTES // 8, 8)])
async def test_who_lets_too_much_wait_is_cut_off(size: int, fits: int) -> None:
    transport = Transport()
    made = client(transport=transport)
    for _ in range(fits):
        made.put(b"x" * size)
    assert (transport.aborted, made.does_not_read) == (0, False)
    made.put(b"x" * size)
    assert (transport.aborted, made.does_not_read) == (1, True)
    made.put(b"x")
    assert transport.aborted == 1


async def test_what_was_sent_does_not_count() -> None:
    transport = Transport()
    made = client(transport=transport)
    sending = asyncio.create_task(made.send())
    for _ in range(40):
        made.put(b"x" * (MOST_WAITING_BYTES // 4))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not transport.aborted
    sending.cancel()


async def test_who_is_late_gets_no_levels() -> None:
    made = client()
    assert not made.wants_levels
    made.subscription = EventSubscription.of(Subscribe(id=1, topics=("audio.levels",)))
    assert made.wants_levels
    for _ in range(LEVELS_WAITING):
        made.put(b"x")
    assert not made.wants_levels


async def test_who_does_not_read_the_close_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_client, "LINGER_S", 0.01)
    socket, transport = Socket(reads=False), Transport()
    made = client(socket, transport)
    await made.close(4401, b"revoked")
    assert (socket.codes, transport.aborted) == ([4401], 1)
    reads, transport = Socket(), Transport()
    await client(reads, transport).close(4401)
    assert (reads.codes, transport.aborted) == ([4401], 0)


async def test_no_connection_stays_open_for_who_reads_nothing_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_client, "LINGER_S", 0.01)
    transport = Transport()
    client(transport=transport).end()
    await until(lambda: transport.aborted == 1, "it is given up")


async def test_who_answers_no_ping_counts_as_one_who_does_not_read() -> None:
    assert client(Socket(failed=TimeoutError("No PONG received after 10 seconds"))).does_not_read
    assert not client(Socket(failed=ConnectionResetError())).does_not_read


@pytest.mark.parametrize(("of_the_key", "of_others", "fits"), [
    (0, 0, True),
    (MOST_OF_A_KEY - 1, 0, True),
    (MOST_OF_A_KEY, 0, False),
    (0, MOST_CLIENTS - 1, True),
    (0, MOST_CLIENTS, False),
])  # fmt: skip
async def test_a_key_has_so_many_connections_and_all_together(of_the_key: int, of_others: int, fits: bool) -> None:
    other = KeyGrant(key_id="b", name="b", right="read")
    clients = [client() for _ in range(of_the_key)]
    clients += [EventClient(cast("Any", Socket()), None, other) for _ in range(of_others)]
    if fits:
        check_room(clients, GRANT)
        return
    with pytest.raises(CallRefusedError) as refused:
        check_room(clients, GRANT)
    assert refused.value.status == 503
