"""Transport selection for each signal. No I/O, no clock.

An answer takes the transport of its offer. A local offer takes the first transport, in the settings' order, that
reaches its member. If that one refuses it for good, or `SILENT_TRIES` offers by it got no reply, the next one follows.
A signal from the member shows that its transport works, so the next offer may use that one again. When all are silent,
selection restarts from the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from common.messages import PeerSignal, SignalRefused
from workers.signaling.transports import Transport

REMEMBERED = 8
"""How many offers of one member have their transport remembered."""
SILENT_TRIES = 2
"""Consecutive offers without a reply after which a transport is chosen last for that member."""


@dataclass
class _Peer:
    received_by: dict[int, str] = field(default_factory=dict)
    """Sequence number of a remote offer → its transport."""
    sent: PeerSignal | None = None
    tried: set[str] = field(default_factory=set)
    """Transports that refused `sent`, or have it."""
    offered_by: str = ""
    """The transport of the latest local offer, while there is no reply."""
    silent: dict[str, int] = field(default_factory=dict)
    """Consecutive offers without a reply, by transport."""


@dataclass(frozen=True)
class Send:
    """Send this signal by this transport."""

    transport: Transport
    signal: PeerSignal


class TransportSelection:
    """The selection. None instead of a `Send` means that no transport is left for the signal."""

    def __init__(self, transports: Sequence[Transport]) -> None:
        self._transports = transports
        self._peers: dict[str, _Peer] = {}

    def on_received(self, signal: PeerSignal) -> None:
        """Record the transport of an incoming signal."""
        peer = self._peers.setdefault(signal.peer, _Peer())
        peer.silent.pop(signal.transport, None)
        if signal.transport == peer.offered_by:
            peer.offered_by = ""
        received_by = peer.received_by
        if signal.kind == "offer":
            received_by.pop(signal.sequence, None)
            received_by[signal.sequence] = signal.transport
            if len(received_by) > REMEMBERED:
                del received_by[next(iter(received_by))]

    def keep(self, peers: set[str]) -> None:
        """Forget everybody but `peers`."""
        self._peers = {key: peer for key, peer in self._peers.items() if key in peers}

    def send(self, signal: PeerSignal) -> Send | None:
        """Select the transport of a local signal."""
        key = signal.peer
        peer = self._peers.setdefault(key, _Peer())
        if signal.kind == "offer" and peer.offered_by:
            peer.silent[peer.offered_by] = peer.silent.get(peer.offered_by, 0) + 1
        peer.sent, peer.tried, peer.offered_by = signal, set(), ""
        return self._by(self._of_offer(peer, signal) or self._next(key, peer), peer, signal)

    def on_refused(self, name: str, notice: SignalRefused) -> Send | None:
        """Handle transport `name`'s refusal of a signal. Return by which one it is sent now."""
        peer = self._peers.get(notice.key())
        sent = peer.sent if peer is not None else None
        if peer is None or sent is None or (sent.kind, sent.sequence) != (notice.kind, notice.sequence):
            return None
        peer.tried.add(name)
        peer.offered_by = ""
        other = self._next(notice.key(), peer) if notice.kind == "offer" and notice.final else None
        return self._by(other, peer, sent)

    def _of_offer(self, peer: _Peer, signal: PeerSignal) -> Transport | None:
        if signal.kind != "answer":
            return None
        name = peer.received_by.get(signal.sequence)
        return next((transport for transport in self._transports if transport.name == name), None)

    def _next(self, key: str, peer: _Peer) -> Transport | None:
        there = [one for one in self._transports if one.name not in peer.tried and one.reaches(key)]
        heard = [one for one in there if peer.silent.get(one.name, 0) < SILENT_TRIES]
        if not heard:
            for one in there:
                peer.silent.pop(one.name, None)
        return next(iter(heard or there), None)

    @staticmethod
    def _by(transport: Transport | None, peer: _Peer, signal: PeerSignal) -> Send | None:
        if transport is None:
            return None
        peer.tried.add(transport.name)
        if signal.kind == "offer":
            peer.offered_by = transport.name
        return Send(transport, signal)
