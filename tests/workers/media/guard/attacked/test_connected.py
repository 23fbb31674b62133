"""A connected peer, and what strangers and the other side throw at it: the voice goes on, and nothing is left."""

from __future__ import annotations

import asyncio
import logging
import random
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pylibsrtp
import pytest
from aioice import stun
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.waiting import until
from tests.workers.media.guard.attacked.throwing import our_address, stranger, stun_garbage, their_send
from tests.workers.media.guard.peers import Pair


async def test_strangers_do_not_end_it_and_leave_no_line(caplog: pytest.LogCaptureFixture) -> None:
    draw = random.Random(3)
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        with stranger() as sock, caplog.at_level(logging.DEBUG):
            lines = len(caplog.records)
            for _ in range(300):
                for data in (b"", b"\x16", b"\x80", b"x" * 2000, draw.randbytes(40), stun_garbage(draw)):
                    sock.sendto(data, our_address(pair))
                await asyncio.sleep(0)
            await until(
                lambda: pair.gate.dropped["malformed STUN"] + pair.gate.dropped["STUN without our password"], ""
            )
            await pair.voice()
            told = [record for record in caplog.records[lines:] if record.levelno >= logging.WARNING]
        assert not told
        assert pair.ours.state == "connected"
        assert pair.gate.dropped["empty"] > 50
        assert pair.gate.dropped["from a stranger"] > 50
        assert pair.ours.log.gate.too_much == 0


async def test_stun_that_cannot_be_unpacked_is_dropped_from_the_other_side_too() -> None:
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        send = their_send(pair)
        body = struct.pack("!HH", 6, 9) + f"{pair.ours_ice.local_username}:x\xff".encode("latin-1")[:9].ljust(12)
        send(struct.pack("!HHI", 1, len(body), 0x2112A442) + bytes(12) + body)
        # authentic, and without PRIORITY
        odd = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        ice = pair.ours_ice
        odd.attributes["USERNAME"] = f"{ice.local_username}:{ice.remote_username}"
        odd.add_message_integrity(ice.local_password.encode())
        with stranger() as sock:
            sock.sendto(bytes(odd), our_address(pair))
            await until(lambda: ice.gate.checks and ice.gate.dropped["malformed STUN"], "both are dealt with")
        await pair.voice()
        assert not ice.gate.dropped["fault"]


async def test_what_the_other_side_sends_without_sense_does_not_end_it() -> None:
    draw = random.Random(4)
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        send = their_send(pair)
        for number in range(150):
            send(b"")
            send(bytes([draw.choice((20, 21, 22, 23, 63, 128, 144, 191))]) + draw.randbytes(draw.randrange(60)))
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        await pair.voice()
        assert pair.gate.dropped["empty"] > 100


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["them", "stranger", "encrypted", "data"]), st.binary(max_size=200)), max_size=12
    )
)
def test_no_bytes_end_a_connection(
    connected: tuple[asyncio.AbstractEventLoop, Pair], said: list[tuple[str, bytes]]
) -> None:
    loop, pair = connected

    async def throw() -> None:
        send, dtls = their_send(pair), pair.other.transport
        with stranger() as sock:
            for who, data in said:
                if who == "them":
                    send(data)
                elif who == "stranger":
                    sock.sendto(data, our_address(pair))
                elif who == "encrypted" and len(data) >= 12:
                    with suppress(pylibsrtp.Error):  # what even the sender's libsrtp refuses
                        await dtls._send_rtp(bytes([0x80 | data[0] & 0x3F]) + data[1:])
                elif who == "data" and data:
                    await dtls._send_data(data)
        await asyncio.sleep(0.002)
        assert pair.ours.state == "connected"

    loop.run_until_complete(throw())


@pytest.fixture
def connected() -> Iterator[tuple[asyncio.AbstractEventLoop, Pair]]:
    loop = asyncio.new_event_loop()
    unhandled: list[Any] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))

    async def begin() -> Pair:
        pair = Pair()
        await pair.they_offer()
        await pair.connected()
        return pair

    pair = loop.run_until_complete(begin())
    yield loop, pair
    loop.run_until_complete(pair.voice())
    loop.run_until_complete(pair.__aexit__())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    assert not unhandled


@pytest.mark.parametrize("they", [True, False])
async def test_it_comes_up_while_strangers_throw_whatever_they_like(*, they: bool) -> None:
    """In each state, from before the other side has said a word to the end of the handshake."""
    draw = random.Random(8)

    async def throw(pair: Pair) -> None:
        with stranger() as sock:
            while True:
                for one in list(pair.ours_ice._protocols):
                    sent = draw.choice(
                        (b"", draw.randbytes(30), stun_garbage(draw), b"\x16\xfe\xfd" + draw.randbytes(60))
                    )
                    with suppress(OSError):
                        sock.sendto(sent, one.transport.get_extra_info("sockname")[:2])
                await asyncio.sleep(0.0005)

    async with Pair() as pair:
        throwing = asyncio.create_task(throw(pair))
        await asyncio.sleep(0.02)
        await (pair.they_offer() if they else pair.we_offer())
        await pair.connected()
        await pair.voice()
        throwing.cancel()
        assert sum(pair.gate.dropped.values()) > 20
        assert not pair.gate.dropped["fault"]
