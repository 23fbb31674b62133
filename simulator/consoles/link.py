"""A console's peer connection: aiortc inside, Sony's dialect outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from common.psn.sdp import Kind, from_sony, to_sony
from simulator.consoles.microphone import EncodedPacket

_WAITING = 8
"""Packets that may wait for the sender. Older ones are dropped."""


class PacketTrack(MediaStreamTrack):
    """A track of packets that were encoded elsewhere."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._queue: asyncio.Queue[EncodedPacket] = asyncio.Queue(maxsize=_WAITING)

    def put(self, packet: EncodedPacket) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(packet)

    async def recv(self) -> EncodedPacket:
        return await self._queue.get()


class _NoBuffer:
    """Replaces the receiver's jitter buffer. The console only counts packets."""

    def add(self, _: object) -> tuple[bool, None]:
        return False, None


class ConsoleLink:
    """One connection with one peer.

    `changed` is called at each change of `state` (``connecting``, ``connected``, ``failed``, ``closed``).
    """

    def __init__(self, peer: str, changed: Callable[[ConsoleLink], None]) -> None:
        self.peer = peer
        self.state = "connecting"
        self.rtp_received = 0
        self._changed = changed
        self._offer = ""
        self._track = PacketTrack()
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pc.on("connectionstatechange", self._note)

    async def offer(self) -> str:
        """Return an offer in Sony's dialect."""
        self._pc.addTrack(self._track)
        self._pc.createDataChannel("miranda")
        await self._pc.setLocalDescription(await self._pc.createOffer())
        self._offer = to_sony(self._pc.localDescription.sdp, "offer")
        return self._offer

    async def answer(self, offer: str) -> str:
        """Return the answer to `offer`. Raises `BadSdp`."""
        await self._remote(from_sony(offer, "offer"), "offer")
        self._pc.addTrack(self._track)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        self._watch()
        return to_sony(self._pc.localDescription.sdp, "answer", offer=offer)

    async def accept(self, answer: str) -> None:
        """Apply the answer to the local offer. Raises `BadSdp`."""
        await self._remote(from_sony(answer, "answer", offer=self._offer), "answer")
        self._watch()

    async def _remote(self, sdp: str, kind: Kind) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=kind))

    def send(self, packet: EncodedPacket) -> None:
        if self.state == "connected":
            self._track.put(packet)

    async def close(self) -> None:
        await self._pc.close()
        self._note()

    def _note(self) -> None:
        state = {"new": "connecting"}.get(self._pc.connectionState, self._pc.connectionState)
        if state != self.state:
            self.state = state
            self._changed(self)

    def _watch(self) -> None:
        """Count incoming packets, and skip their decoding."""
        receiver: Any = self._pc.getTransceivers()[0].receiver
        receiver._RTCRtpReceiver__jitter_buffer = _NoBuffer()  # noqa: SLF001
        transport: Any = receiver.transport
        handle = transport._handle_rtp_data  # noqa: SLF001  # where packets pass before aiortc reads them

        async def count(data: bytes, arrival_time_ms: int) -> None:
            self.rtp_received += 1
            await handle(data, arrival_time_ms=arrival_time_ms)

        transport._handle_rtp_data = count  # noqa: SLF001
