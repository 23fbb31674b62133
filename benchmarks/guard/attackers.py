"""Hostile members and strangers for `benchmarks.guard.attack`, in their own process."""

# ruff: noqa: SLF001  # an attacker bypasses interfaces

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pylibsrtp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import DataChunk, serialize_packet

from benchmarks.receive.network.packets import OPUS, RED
from benchmarks.receive.network.sender import with_red, without_red
from common.ice import IceOptions, install
from common.psn.sdp import from_sony

EMPTY_PER_S = 1000
STUN_PER_S = 1000
SCTP_BYTES_PER_S = 40_000
RED_PER_S = 300
SOURCES = 130
FLOOD_PER_S = 1500
STEP_S = 0.02
OFFER_EVERY_S = 3.0
STRANGERS = ("empty", "stun")
MEMBERS = ("sctp", "red", "ssrc", "flood")
_CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host")


class Attackers:
    """Runs as a `Child`: `offer`, `accept`, `attack`, `calm`, `close`. Each kind of attack has its own member."""

    def __init__(self) -> None:
        with suppress(OSError):
            os.nice(10)  # a benchmark's child has media's priority, an attacker must not
        install(IceOptions(ipv6=False))
        CODECS["audio"][:] = [
            RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=OPUS)
        ]
        self._draw = random.Random(7)
        self._peers: dict[str, RTCPeerConnection] = {}
        self._targets: list[tuple[str, int]] = []
        self._running: list[asyncio.Task[None]] = []

    async def offer(self, kinds: list[str]) -> dict[str, str]:
        offers = {}
        for kind in kinds:
            peer = self._peers[kind] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            peer.addTransceiver(AudioStreamTrack())
            peer.createDataChannel("data")
            await peer.setLocalDescription(await peer.createOffer())
            offers[kind] = with_red(peer.localDescription.sdp)
        return offers

    async def accept(self, answers: dict[str, str], targets: list[str]) -> list[str]:
        """Apply the answers. `targets` are media's answers to honest members. Return the connected kinds."""
        for kind, sdp in answers.items():
            await self._peers[kind].setRemoteDescription(
                RTCSessionDescription(from_sony(without_red(sdp), "answer"), "answer")
            )
        self._targets = [(host, int(port)) for sdp in targets for host, port in _CANDIDATE.findall(sdp)]
        for _ in range(1000):
            if all(self._peers[kind].connectionState == "connected" for kind in answers):
                break
            await asyncio.sleep(0.02)
        return [kind for kind in answers if self._peers[kind].connectionState == "connected"]

    async def attack(self, kinds: list[str]) -> None:
        for kind in kinds:
            self._running.append(asyncio.create_task(self._attack(kind)))

    async def calm(self) -> dict[str, str]:
        """End all attacks. Return the attackers' connection states."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()
        return {kind: peer.connectionState for kind, peer in self._peers.items()}

    async def close(self) -> None:
        await self.calm()

    # --- each kind -------------------------------------------------------------------------------

    async def _attack(self, kind: str) -> None:
        if kind in STRANGERS:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                await self._paced(self._thrown(kind), EMPTY_PER_S, lambda data: self._throw(sock, data))
        elif kind == "sctp":
            dtls = self._dtls(kind)
            await self._paced(self._holes(kind), SCTP_BYTES_PER_S // 1100, dtls._send_data)
        else:
            rate = {"red": RED_PER_S, "ssrc": SOURCES, "flood": FLOOD_PER_S}[kind]
            await self._paced(self._packets(kind), rate, self._dtls(kind)._send_rtp)

    async def _paced(self, things: Iterator[bytes], per_s: float, send: Callable[[bytes], Awaitable[Any]]) -> None:
        began, sent = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * per_s)
            while sent < due:
                sent += 1
                with suppress(ConnectionError, BlockingIOError, pylibsrtp.Error):
                    await send(next(things))
            await asyncio.sleep(STEP_S)

    async def _throw(self, sock: socket.socket, data: bytes) -> None:
        sock.sendto(data, self._draw.choice(self._targets))

    def _thrown(self, kind: str) -> Iterator[bytes]:
        while True:
            yield b"" if kind == "empty" else self._garbage()

    def _garbage(self) -> bytes:
        """Return STUN with an attribute that is too short: `struct.error` in aioice."""
        attribute = self._draw.choice((0x0024, 0x8029, 0x8028, 0x0009))
        body = struct.pack("!HH", attribute, self._draw.randrange(3)) + bytes(4)
        return struct.pack("!HHI", 1, len(body), 0x2112A442) + self._draw.randbytes(12) + body

    def _holes(self, kind: str) -> Iterator[bytes]:
        """Yield SCTP packets of 37 chunks each, every second one missing."""
        sctp: Any = self._peers[kind].sctp
        tsn = sctp._local_tsn + 10
        while True:
            packet = b""
            for _ in range(37):
                chunk: Any = DataChunk(flags=3)
                tsn = (tsn + 2) % 2**32
                chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol, chunk.user_data = tsn, 0, 0, 53, b"x" * 12
                packet += bytes(chunk)
            chunks: Any = _Chunks(packet)
            yield serialize_packet(5000, 5000, sctp._remote_verification_tag, chunks)

    def _packets(self, kind: str) -> Iterator[bytes]:
        number = self._draw.randrange(1000)
        bomb = b"\xef\x00\x00\x01" * 230 + bytes([OPUS]) + b"\xf8" * 231
        while True:
            number += 1
            ssrc = 1000 + number if kind == "ssrc" else 77
            payload_type, payload = (RED, bomb) if kind == "red" else (OPUS, b"\xf8\xff\xfe")
            head = struct.pack("!BBHII", 0x80, payload_type, number % 65536, number * 960 % 2**32, ssrc)
            yield head + payload

    def _dtls(self, kind: str) -> Any:
        return self._peers[kind].getTransceivers()[0].sender.transport


class _Chunks:
    """Several chunks in place of one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __bytes__(self) -> bytes:
        return self._data
