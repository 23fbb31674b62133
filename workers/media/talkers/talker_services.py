"""What a talker needs of its surroundings."""

from __future__ import annotations

from typing import Protocol

from common.messages import Message
from workers.media.bridge.bridge_gate import BridgeGate
from workers.media.peers.connection_services import ConnectionServices
from workers.media.receive.path import ReceivePath


class TalkerServices(ConnectionServices, Protocol):
    @property
    def bridge_gate(self) -> BridgeGate:
        """The bridge's gate, which hears of the voices on own connections."""

    def new_path(self) -> ReceivePath: ...

    def clear(self, cls: type[Message], key: str) -> None:
        """Clear a retained message."""

    def on_bad_rtp(self, who: str) -> None:
        """Hear that packets of a member could not be used."""

    def on_flood(self, who: str) -> None:
        """Hear that a member sends far too much."""
