"""What the connections with a member need of their surroundings."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from common.errors import PartylineError
from common.messages import Member, Message
from workers.media.guard.diagnosis import Diagnosis
from workers.media.peers.ladder import Ladder
from workers.media.peers.peer import Peer
from workers.media.receive.buffer.rtp import Rtp


class ConnectionServices(Protocol):
    @property
    def silence(self) -> bytes:
        """An Opus packet of silence, which is sent."""

    @property
    def ladder(self) -> Ladder: ...

    def publish(self, message: Message) -> None: ...

    def spawn(self, job: Coroutine[Any, Any, None]) -> None: ...

    def may_have_missed(self, since: float) -> bool:
        """Return whether the push channel was down at some time since then, so that an answer may be lost."""

    def store_forms(self) -> None:
        """Store the recipes that worked, because there is a new one."""

    def on_connection_fault(self, error: PartylineError) -> None:
        """Hear that a connection could not be made."""

    def on_no_connection(self, member: Member, why: Diagnosis) -> None:
        """Hear why a connection did not come up."""


class AudioListener(Protocol):
    """Hears what arrives on the played connection."""

    def on_played(self, peer: Peer) -> None:
        """Hear that playout has switched to this connection."""

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None: ...

    def on_fault(self, what: str) -> None:
        """Hear of a packet that could not be used, on any connection."""
