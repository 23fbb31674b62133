"""A party's bridge that really mixes: its consoles' voices, one WebRTC connection for each client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from numpy.typing import NDArray

from common.psn.sdp import from_sony
from simulator.bridge_sdp import Direction, offer_of
from simulator.consoles.link import PacketTrack
from simulator.consoles.microphone import Microphone

Samples = NDArray[np.int16]


class BridgePeer:
    """One client's connections: the one that stands, and the one that is being offered."""

    def __init__(self, owner: str, direction: Direction) -> None:
        self.peer_id = str(uuid.uuid4())
        self.owner = owner
        """Peer key of the client."""
        self.direction = direction
        self.rtp_received = 0
        self.answered = False
        self._track = PacketTrack()
        self._standing: RTCPeerConnection | None = None
        self._offered: RTCPeerConnection | None = None
        self._offer = ""

    @property
    def state(self) -> str:
        connection = self._standing or self._offered
        return connection.connectionState if connection is not None else "new"

    async def offer(self) -> str:
        """Return a new offer; what stands goes on until its answer is up."""
        if self._offered is not None:
            await self._offered.close()
        connection = self._offered = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        source: Any = "audio" if self.direction == "recvonly" else self._track
        connection.addTransceiver(source, direction=self.direction)
        connection.createDataChannel("bridge")
        await connection.setLocalDescription(await connection.createOffer())
        self._offer = offer_of(connection.localDescription.sdp, self.direction)
        self.answered = False
        return self._offer

    async def answer(self, sdp: str) -> None:
        """Take the answer to the latest offer; raises `BadSdp`."""
        connection = self._offered
        assert connection is not None
        plain = from_sony(sdp, "answer", offer=self._offer)
        await connection.setRemoteDescription(RTCSessionDescription(plain, "answer"))
        self.answered = True
        self._count(connection)
        before, self._standing, self._offered = self._standing, connection, None
        if before is not None:
            await before.close()

    def send(self, microphone: Microphone) -> None:
        if self.state == "connected" and self.direction != "recvonly":
            self._track.put(microphone.packet())

    async def close(self) -> None:
        for connection in (self._standing, self._offered):
            if connection is not None:
                await connection.close()

    def _count(self, connection: RTCPeerConnection) -> None:
        transport: Any = connection.getTransceivers()[0].receiver.transport
        handle = transport._handle_rtp_data  # noqa: SLF001  # where packets pass before aiortc looks at them

        async def count(data: bytes, arrival_time_ms: int) -> None:
            self.rtp_received += 1
            await handle(data, arrival_time_ms=arrival_time_ms)

        transport._handle_rtp_data = count  # noqa: SLF001


class Bridge:
    def __init__(self, direction: Direction) -> None:
        self.bridge_id = f"br-{uuid.uuid4()}"
        self.token = uuid.uuid4().hex
        self.direction = direction
        self.session_id = ""
        """The party that it is linked to."""
        self.peers: dict[str, BridgePeer] = {}
        self._microphones: dict[str, Microphone] = {}
        self._round: dict[str, Samples] = {}

    @property
    def entry(self) -> dict[str, str]:
        return {"bridgeId": self.bridge_id, "bridgeToken": self.token}

    @property
    def heard(self) -> bool:
        """Whether anybody hears the mix."""
        return self.direction != "recvonly" and any(peer.state == "connected" for peer in self.peers.values())

    def hear(self, console: str, samples: Samples) -> None:
        """Take 40 ms of a console; a round is over when somebody begins the next one."""
        if console in self._round:
            self._mix()
        self._round[console] = samples

    def _mix(self) -> None:
        mixed = np.clip(np.sum([s.astype(np.int32) for s in self._round.values()], axis=0), -32768, 32767)
        self._round.clear()
        for peer in self.peers.values():
            microphone = self._microphones.setdefault(peer.peer_id, Microphone())
            microphone.speak(mixed.astype(np.int16))
            peer.send(microphone) if peer.state == "connected" else microphone.hush()

    async def remove(self, peer_id: str) -> None:
        self._microphones.pop(peer_id, None)
        await self.peers.pop(peer_id).close()

    async def close(self) -> None:
        await asyncio.gather(*(self.remove(peer_id) for peer_id in list(self.peers)))


class Bridges:
    """All there are. `direction` is that of the next one made."""

    def __init__(self) -> None:
        self.by_id: dict[str, Bridge] = {}
        self.direction: Direction = "recvonly"

    def make(self) -> Bridge:
        bridge = Bridge(self.direction)
        self.by_id[bridge.bridge_id] = bridge
        return bridge

    def of_party(self, session_id: str) -> Bridge | None:
        return next((bridge for bridge in self.by_id.values() if session_id and bridge.session_id == session_id), None)

    async def end(self, bridge_id: str) -> None:
        await self.by_id.pop(bridge_id).close()

    async def close(self) -> None:
        await asyncio.gather(*(self.end(bridge_id) for bridge_id in list(self.by_id)))


Find = Callable[[str], Bridge | None]
"""Returns a party's bridge by the session id."""
