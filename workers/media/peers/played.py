"""The choice of the connection that is heard. At most one of a member's is."""

from __future__ import annotations

from collections.abc import Mapping

from workers.media.negotiate.negotiation_status import NegotiationStatus
from workers.media.peers.connection_services import AudioListener
from workers.media.peers.form_results import FormResults
from workers.media.peers.peer import Peer
from workers.media.receive.buffer.rtp import Rtp

TAKEOVER_NS = 120_000_000
"""Playout switches to the other connection after this time without RTP on the current one (three packets)."""


class PlayedConnection:
    """Passes on the RTP of one connection at a time. A member without any has None as `number`."""

    def __init__(
        self, peers: Mapping[int, Peer], status: NegotiationStatus, results: FormResults, listener: AudioListener
    ) -> None:
        self.number: int | None = None
        self._peers, self._status, self._results, self._listener = peers, status, results, listener

    def on_up(self, number: int) -> None:
        if self.number is None:
            self._switch(number)

    def on_ended(self, number: int) -> None:
        """Switch to the other connection, if there is one and this one was played."""
        if self.number == number:
            self.number = None
            for other in self._status.established:
                if other in self._peers:
                    self._switch(other)

    def on_rtp(self, number: int, packet: Rtp, arrived_ns: int) -> None:
        """Pass on RTP of the played connection, and switch to the other one if that was silent."""
        if number != self.number:
            played = self._peers.get(self.number) if self.number is not None else None
            quiet = played is None or arrived_ns - played.rtp_ns > TAKEOVER_NS
            if number not in self._status.established or number not in self._peers or not quiet:
                return
            self._switch(number)
        self._results.on_rtp(number)
        self._listener.on_rtp(packet, arrived_ns)

    def clear(self) -> None:
        self.number = None

    def _switch(self, number: int) -> None:
        self.number = number
        self._listener.on_played(self._peers[number])
