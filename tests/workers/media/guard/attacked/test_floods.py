"""What a member sends too much is bounded, and the end of its connection frees everything."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from aioice import stun
from aiortc.rtcsctptransport import DataChunk, serialize_packet

from tests.support.waiting import until
from tests.workers.media.guard.attacked.throwing import descriptors, our_address, stranger
from tests.workers.media.guard.peers import Other, Pair
from workers.media.guard.datagrams import SOURCES_AT_ONCE
from workers.media.peers.rtp_hook import SOURCES


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


@pytest.mark.parametrize("stuck", ["reports", "sender", "ice", "socket"])
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
        elif stuck == "socket":  # as after a close that was given up
            for protocol in pair.ours_ice._protocols:
                given_up = asyncio.create_task(protocol.close())
                await asyncio.sleep(0)
                given_up.cancel()
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
        assert pair.ours.log.gate.too_much > 200
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
