"""What a `Peer` reports, in lists."""

from __future__ import annotations

from workers.media.peers.peer import Peer
from workers.media.receive.buffer.rtp import Rtp


class Listening:
    def __init__(self) -> None:
        self.heard: list[Rtp] = []
        self.faults: list[str] = []
        self.states: list[str] = []

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self.heard.append(packet)

    def on_state(self, peer: Peer) -> None:
        self.states.append(peer.state)

    def on_fault(self, what: str) -> None:
        self.faults.append(what)
