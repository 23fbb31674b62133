"""The voice of one talker: the receive path of the played connection."""

from __future__ import annotations

import structlog

from workers.media.peers.peer import Peer
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.path import ReceiveFigures, ReceivePath
from workers.media.talkers.talker_services import TalkerServices


class TalkerVoice:
    """`path` is None without a connection."""

    def __init__(self, peer: str, services: TalkerServices) -> None:
        self.codec = ""
        self._peer, self._services = peer, services
        self.path: ReceivePath | None = None
        self._faults = 0
        self._log = structlog.get_logger("media")

    @property
    def receives(self) -> bool:
        """Whether any RTP was received on the current connection."""
        return self.path is not None and self.path.buffer.received > 0

    @property
    def rtp_clock(self) -> int:
        """The rate of its RTP timestamps in hertz, or 0 until it is certain."""
        return self.path.buffer.certain_rate if self.path is not None else 0

    @property
    def malformed(self) -> int:
        """Number of unusable packets, from all stages."""
        return self._faults + (self.path.malformed if self.path is not None else 0)

    def figures(self) -> ReceiveFigures | None:
        if self.path is None:
            return None
        figures = self.path.figures()
        figures["malformed"] = self.malformed
        return figures

    def renew(self) -> None:
        """Replace the receive path on the current connection."""
        if self.path is not None:
            formats = self.path.buffer.formats
            self.path = self._services.new_path()
            self.path.use_formats(formats)

    def clear(self) -> None:
        """Drop the receive path, because there is no connection."""
        self.path, self.codec = None, ""

    # --- as the listener of the connections --------------------------------------------------------

    def on_played(self, peer: Peer) -> None:
        """Switch to another connection. The receive path stays, so that its queued packets are played."""
        if self.path is None:
            self.path = self._services.new_path()
        self.path.use_formats(peer.formats)
        self.codec = peer.codec

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        if self.path is not None:
            self.path.put(packet, arrived_ns)

    def on_fault(self, what: str) -> None:
        self._faults += 1
        self._log.debug("a packet could not be used", peer=self._peer, what=what, count=self._faults)
