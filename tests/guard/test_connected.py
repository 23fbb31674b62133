"""A connected peer, and what strangers and the other side throw at it: the voice goes on, and nothing is left."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtcsctptransport import DataChunk, serialize_packet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.guard.peers import Other, Pair, until
from workers.media.guard import protocol
from workers.media.guard.datagrams import SOURCES_AT_ONCE
from workers.media.tap import SOURCES


@contextmanager
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield sock


def our_address(pair: Pair) -> tuple[str, int]:
    chosen = pair.ours_ice._nominated[1]
    return chosen.local_addr


def their_send(pair: Pair) -> Callable[[bytes], None]:
    """Return what sends raw datagrams from the other side's own socket; asyncio's transport sends no empty ones."""
    chosen = pair.other.transport.transport._connection._nominated[1]
    number = chosen.protocol.transport.get_extra_info("socket").fileno()

    def send(data: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, fileno=os.dup(number)) as sock:
            sock.sendto(data, chosen.remote_addr)

    return send


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def stun_garbage(draw: random.Random) -> bytes:
    """A STUN message with an attribute whose length does not fit: aioice meets `struct.error`."""
    kind = draw.choice((0x0024, 0x8029, 0x0008, 0x0006, 0x0009, 0x0020, 0x8028))
    body = struct.pack("!HH", kind, draw.randrange(8)) + draw.randbytes(draw.randrange(3) * 4)
    return struct.pack("!HHI", 1, len(body), 0x2112A442) + draw.randbytes(12) + body


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
        assert pair.ours.refused == 0


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


async def test_many_sources_are_bounded_and_the_end_frees_everything() -> None:
    before = descriptors()
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        dtls = pair.other.transport
        for number in range(200):
            await dtls._send_rtp(struct.pack("!BBHII", 0x80, 96, number, 0, 1000 + number) + b"\xfc\xff\xfe")
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        await until(lambda: pair.gate.dropped["too many sources"], "they are dropped")
        receiver = pair.ours._transceiver.receiver
        assert len(vars(receiver)["_RTCRtpReceiver__remote_streams"]) <= SOURCES
        assert len({packet.ssrc for packet in pair.heard}) <= SOURCES_AT_ONCE + 1
        await pair.voice()
        began = time.monotonic()
        await pair.ours.close()
        assert time.monotonic() - began < 20
    await until(lambda: descriptors() <= before, "the descriptors are free")
    await until(lambda: not any("decoder" in one.name for one in threading.enumerate()), "the threads have ended")


class Never(asyncio.Event):
    """What a task should have set that died."""

    def set(self) -> None:
        return


@pytest.mark.parametrize("stuck", ["reports", "sender", "ice"])
async def test_the_end_frees_everything_whatever_state_aiortc_is_in(stuck: str) -> None:
    before = descriptors()
    tasks = len(asyncio.all_tasks())
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        transceiver = pair.ours._transceiver
        if stuck == "reports":  # as after 128 SSRCs
            vars(transceiver.receiver)["_RTCRtpReceiver__rtcp_exited"] = Never()
        elif stuck == "sender":
            vars(transceiver.sender)["_RTCRtpSender__rtp_exited"] = Never()
        else:

            async def never() -> None:
                await asyncio.Future()

            pair.ours_ice._query_consent_task.cancel()
            transceiver.receiver.transport.stop = never
        await pair.ours.close()
        assert not pair.ours_ice._protocols or all(one.transport.is_closing() for one in pair.ours_ice._protocols)
    await until(lambda: descriptors() <= before, "the descriptors are free")
    await until(lambda: len(asyncio.all_tasks()) <= tasks, "the tasks have ended")


@pytest.mark.parametrize("kind", ["holes", "fragments", "channels"])
async def test_a_flood_on_the_data_channel_is_refused_and_the_voice_goes_on(kind: str) -> None:
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        theirs = pair.other.connection.sctp
        await until(lambda: theirs.state == "connected", "the data channel is up")
        ours, bear = pair.ours._connection.sctp, theirs._handle_data

        async def bears(data: bytes) -> None:
            with suppress(AssertionError, KeyError):  # our replies are nothing that a plain aiortc can bear
                await bear(data)

        theirs._handle_data = bears
        for number in range(400):
            chunk = DataChunk(flags=0 if kind == "fragments" else 3)
            chunk.tsn = (theirs._local_tsn + (2 * number if kind == "holes" else number)) % 2**32
            chunk.stream_id, chunk.stream_seq, chunk.protocol = number % 200, 0, 50 if kind == "channels" else 53
            chunk.user_data = b"\x03\0\0\0\0\0\0\0\0\x01\0\0x" if kind == "channels" else bytes(20)
            packet = serialize_packet(5000, 5000, theirs._remote_verification_tag, chunk)
            await pair.other.transport._send_data(packet)
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        await until(lambda: pair.gate.dropped["data channel"] > 200, "it is refused")
        assert len(ours._sack_misordered) <= 70
        assert sum(len(stream.reassembly) for stream in ours._inbound_streams.values()) <= 70
        assert pair.ours.refused > 200
        await pair.voice()
        assert pair.ours.state == "connected"


async def test_a_data_channel_may_be_opened_and_say_a_little() -> None:
    said: list[Any] = []
    async with Pair(Other(data=False)) as pair:
        channel = pair.other.connection.createDataChannel("chat")
        pair.ours._connection.on("datachannel", lambda found: found.on("message", said.append))
        pair.other.data = False
        await pair.they_offer()
        await pair.connected()
        await until(lambda: channel.readyState == "open", "it is open")
        for number in range(20):
            channel.send(f"{number}")
        await until(lambda: len(said) == 20, "all is said")
        assert not pair.gate.dropped["data channel"]


class Nat(asyncio.DatagramProtocol):
    """Another port of the same host, by which `inside` sends from now on."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.inside.datagram_received(data, addr)


async def test_a_nat_that_gives_another_port_in_mid_word_is_followed() -> None:
    """The other side's packets come from another port: not one is lost, and consent goes there."""
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        their_ice = pair.other.transport.transport._connection
        chosen, old = their_ice._nominated[1], pair.ours_ice._nominated[1].remote_addr
        loop = asyncio.get_running_loop()
        before = pair.gate.dropped["from a stranger"]

        outside, _ = await loop.create_datagram_endpoint(
            lambda: Nat(chosen.protocol), local_addr=(chosen.local_addr[0], 0)
        )
        chosen.protocol.transport.sendto = outside.sendto  # the inside of aioice's only way out
        await until(lambda: pair.ours_ice._nominated[1].remote_addr != old, "we talk with the new address")
        assert pair.ours_ice._nominated[1].remote_addr[1] == outside.get_extra_info("sockname")[1]
        await pair.voice()
        assert pair.gate.dropped["from a stranger"] == before
        # and consent is asked for there
        await pair.ours_ice._ask(pair.ours_ice._nominated[1], nominate=False, retransmissions=3)
        del chosen.protocol.transport.sendto
        outside.close()


async def test_consent_follows_one_who_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but STUN comes from the new port: when the old one does not reply any more, it is talked with."""
    monkeypatch.setattr(protocol, "CONSENT_INTERVAL", 0.3)
    monkeypatch.setattr(protocol, "AGAIN_S", 0.1)
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        sender = vars(pair.other.connection.getTransceivers()[0].sender)
        sender["_RTCRtpSender__rtp_task"].cancel()
        sender["_RTCRtpSender__rtcp_task"].cancel()
        vars(pair.other.connection.getTransceivers()[0].receiver)["_RTCRtpReceiver__rtcp_task"].cancel()
        chosen, old = pair.other.transport.transport._connection._nominated[1], pair.ours_ice._nominated[1].remote_addr
        outside, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Nat(chosen.protocol), local_addr=(chosen.local_addr[0], 0)
        )
        chosen.protocol.transport.sendto = outside.sendto
        # what is still sent to the old port gets nowhere
        asyncio.get_running_loop()._remove_reader(chosen.protocol.transport.get_extra_info("socket").fileno())
        await until(lambda: pair.ours_ice._nominated[1].remote_addr != old, "we talk with the new address")
        assert pair.ours.state == "connected"
        del chosen.protocol.transport.sendto
        outside.close()


async def test_whoever_knows_our_password_may_have_many_ports_but_few_are_remembered() -> None:
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        ice = pair.ours_ice
        for number in range(80):
            request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
            request.attributes["USERNAME"] = f"{ice.local_username}:{ice.remote_username}"
            request.attributes["PRIORITY"] = 1
            request.add_message_integrity(ice.local_password.encode())
            with stranger() as sock:
                sock.sendto(bytes(request), our_address(pair))
            if number % 10 == 0:
                await asyncio.sleep(0.01)
        await until(lambda: ice.gate.checks >= 80, "all are answered")
        assert len(ice._remote_candidates) < 40
        assert len(ice._check_list) < 60
        await pair.voice()


@pytest.mark.parametrize("kind", ["red", "cn"])
async def test_reports_count_red_and_comfort_noise_as_received(kind: str) -> None:
    number = {"red": 63, "cn": 13}[kind]
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        pair.ours.formats[number] = kind
        sender = pair.other.connection.getTransceivers()[0].sender
        vars(sender)["_RTCRtpSender__rtp_task"].cancel()  # only ours from here on
        dtls = pair.other.transport
        for sequence in range(200):
            kept = number if sequence % 2 or kind == "red" else 96
            await dtls._send_rtp(struct.pack("!BBHII", 0x80, kept, sequence, 960 * sequence, 77) + b"\x60\xff\xfe")
            if sequence % 20 == 0:
                await asyncio.sleep(0.02)
        receiver = pair.ours._transceiver.receiver
        streams = vars(receiver)["_RTCRtpReceiver__remote_streams"]
        await until(lambda: 77 in streams and streams[77].packets_received == 200, "all are counted")
        assert streams[77].packets_lost == 0


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
