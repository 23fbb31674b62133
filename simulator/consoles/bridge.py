"""Bridges that mix the voices of their consoles, with one WebRTC connection per client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from numpy.typing import NDArray

from common.psn.sdp import from_sony
from simulator.consoles.bridge_sdp import Direction, offer_of
from simulator.consoles.link import PacketTrack
from simulator.consoles.microphone import Microphone
from simulator.facts import rests_on
from simulator.facts.bridge import CARRIES, DIRECTION, FAILED, FORBIDDEN, MEMBERS, OFFERS

Samples = NDArray[np.int16]
Grant = Direction | Literal["later"]
"""Direction of a bridge's offers.

``later`` means recvonly first, and sendrecv in a renewed offer after another peer has joined the bridge.
"""
Carries = Literal["needing", "pair", "party"]
"""Who joins a bridge: those who cannot reach its maker, only the first one of them, or everybody."""
COMES_AFTER_S = 1.4
"""Delay from the link to a console's peer. The app adds a peer 0.5 s after the link and answers 0.9 s later [seen]."""


class BridgePeer:
    """A client's current connection and the one that is being offered."""

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

    @rests_on(OFFERS)
    async def offer(self) -> str:
        """Return a new offer. The current connection stays up until the answer to it."""
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
        """Apply the answer to the latest offer. Raises `BadSdp`."""
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
        handle = transport._handle_rtp_data  # noqa: SLF001  # where packets pass before aiortc reads them

        async def count(data: bytes, arrival_time_ms: int) -> None:
            self.rtp_received += 1
            await handle(data, arrival_time_ms=arrival_time_ms)

        transport._handle_rtp_data = count  # noqa: SLF001


class MixingBridge:
    """One bridge.

    `maker` is the peer key of its creator, `grants` the direction of its offers, `carries` selects who joins it.
    """

    def __init__(self, maker: str, grants: Grant, carries: Carries) -> None:
        self.bridge_id = f"br-{uuid.uuid4()}"
        self.token = uuid.uuid4().hex
        self.etag = uuid.uuid4().hex
        self.maker = maker
        self.grants = grants
        self.carries = carries
        self.session_id = ""
        """The party that it is linked to."""
        self.linked_at = 0.0
        """Monotonic seconds."""
        self.peers: dict[str, BridgePeer] = {}
        """Clients, by peer id."""
        self.seats: dict[str, str] = {}
        """Consoles on it, peer key → peer id."""
        self._microphones: dict[str, Microphone] = {}
        self._round: dict[str, Samples] = {}

    @property
    def entry(self) -> dict[str, str]:
        """Its entry in the party's view and in `bridges:created` [app]."""
        return {"bridgeEtag": self.etag, "bridgeId": self.bridge_id, "bridgeToken": self.token}

    @property
    def peer_ids(self) -> list[str]:
        return [*self.peers, *self.seats.values()]

    @property
    def heard(self) -> bool:
        """Whether anybody hears the mix."""
        return any(peer.direction != "recvonly" and peer.state == "connected" for peer in self.peers.values())

    # --- who is on it ------------------------------------------------------------------------------

    @rests_on(DIRECTION)
    def direction(self) -> Direction:
        """Return the direction of an offer to a client that is made now."""
        if self.grants == "later":
            return "sendrecv" if self.seats else "recvonly"
        return self.grants

    @rests_on(CARRIES)
    def has_room(self, peer: str) -> bool:
        """Return whether `peer` may join the bridge. In a pair its maker always may."""
        if self.carries != "pair":
            return True
        others = {*self.seats, *(one.owner for one in self.peers.values())} - {peer, self.maker}
        return peer == self.maker or not others

    @rests_on(CARRIES, FORBIDDEN, FAILED)
    def attend(self, console: str, *, needs: bool, reached: bool, now: float) -> None:
        """Add or remove a console.

        `needs` means that it reaches nobody by itself, `reached` that it is connected with the maker.
        """
        if self.carries != "party" and (reached or not (needs or console in self.seats)):
            self.seats.pop(console, None)
        elif console not in self.seats and now - self.linked_at >= COMES_AFTER_S and self.has_room(console):
            self.seats[console] = str(uuid.uuid4())

    # --- the mix -----------------------------------------------------------------------------------

    def hear(self, console: str, samples: Samples) -> None:
        """Take 40 ms of a console. The second packet of one console starts the next mixing round."""
        if console not in self.seats:
            return
        if console in self._round:
            self._mix()
        self._round[console] = samples

    def _mix(self) -> None:
        mixed = np.clip(np.sum([s.astype(np.int32) for s in self._round.values()], axis=0), -32768, 32767)
        self._round.clear()
        for peer in self.peers.values():
            microphone = self._microphones.setdefault(peer.peer_id, Microphone())
            microphone.speak(mixed.astype(np.int16))
            peer.send(microphone) if peer.state == "connected" else microphone.stop()

    async def remove(self, peer_id: str) -> None:
        self._microphones.pop(peer_id, None)
        await self.peers.pop(peer_id).close()

    async def close(self) -> None:
        await asyncio.gather(*(self.remove(peer_id) for peer_id in list(self.peers)))


class Bridges:
    """All bridges of all parties."""

    def __init__(self) -> None:
        self.by_id: dict[str, MixingBridge] = {}

    def make(self, maker: str, grants: Grant, carries: Carries) -> MixingBridge:
        bridge = MixingBridge(maker, grants, carries)
        self.by_id[bridge.bridge_id] = bridge
        return bridge

    def of_party(self, session_id: str) -> list[MixingBridge]:
        return [bridge for bridge in self.by_id.values() if session_id and bridge.session_id == session_id]

    def carry(self, session_id: str, console: str) -> bool:
        """Return whether anybody hears a console through a bridge."""
        return any(console in bridge.seats and bridge.heard for bridge in self.of_party(session_id))

    def hear(self, session_id: str, console: str, samples: Samples) -> None:
        for bridge in self.of_party(session_id):
            bridge.hear(console, samples)

    def attend(self, session_id: str, console: str, *, needs: bool, reached: set[str], now: float) -> None:
        """Add or remove a console on its party's bridges. `reached` are the peer keys that it is connected with."""
        for bridge in self.of_party(session_id):
            bridge.attend(console, needs=needs, reached=bridge.maker in reached, now=now)

    @rests_on(MEMBERS)
    async def sweep(self, members: Callable[[str], set[str] | None]) -> None:
        """Drop the peers of members who left. `members` maps session id → peer keys, None for an ended party."""
        for bridge in [bridge for bridge in self.by_id.values() if bridge.session_id]:
            there = members(bridge.session_id)
            if there is None:
                await self.end(bridge.bridge_id)
                continue
            bridge.seats = {console: peer_id for console, peer_id in bridge.seats.items() if console in there}
            for peer_id in [peer.peer_id for peer in bridge.peers.values() if peer.owner not in there]:
                await bridge.remove(peer_id)

    async def end(self, bridge_id: str) -> None:
        if (bridge := self.by_id.pop(bridge_id, None)) is not None:
            await bridge.close()

    async def close(self) -> None:
        await asyncio.gather(*(self.end(bridge_id) for bridge_id in list(self.by_id)))
