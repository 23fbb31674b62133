"""Transport selection for each signal. No I/O, no clock.

An answer takes the transport of its offer. A local offer takes the first transport, in the settings' order, that
reaches its member. If that one refuses it for good, or `SILENT_TRIES` offers by it got no reply, the next one follows.
A signal from the member shows that its transport works, so the next offer may use that one again. When all are silent,
selection restarts from the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from common.errors import PartylineError
from common.messages import BRIDGE_PEER, PeerSignal, SignalRefused
from workers.signaling.transports import Transport

REMEMBERED = 8
"""How many offers of one member have their transport remembered."""
SILENT_TRIES = 2
"""Consecutive offers without a reply after which a transport is chosen last for that member."""


@dataclass
class _Peer:
    came: dict[int, str] = field(default_factory=dict)
    """Sequence number of a remote offer → its transport."""
    sent: PeerSignal | None = None
    tried: set[str] = field(default_factory=set)
    """Transports that refused `sent`, or have it."""
    offered: str = ""
    """The transport of the latest local offer, while there is no reply."""
    silent: dict[str, int] = field(default_factory=dict)
    """Consecutive offers without a reply, by transport."""


class Ways:
    """The selection. `refused` is called when no transport is left for a signal.

    `failing` gets, with each offer to a member, the number of failed tries before it. A bridge is the alternative
    route to a member for its voice, not for signals.
    """

    def __init__(
        self,
        transports: Sequence[Transport],
        refused: Callable[[SignalRefused, PartylineError], None],
        failing: Callable[[str, int], None] = lambda _peer, _failures: None,
    ) -> None:
        self._transports = transports
        self._refused = refused
        self._failing = failing
        self._peers: dict[str, _Peer] = {}

    def came(self, signal: PeerSignal) -> None:
        """Record the transport of an incoming signal."""
        peer = self._peers.setdefault(signal.peer, _Peer())
        peer.silent.pop(signal.transport, None)
        if signal.transport == peer.offered:
            peer.offered = ""
        came = peer.came
        if signal.kind == "offer":
            came.pop(signal.sequence, None)
            came[signal.sequence] = signal.transport
            if len(came) > REMEMBERED:
                del came[next(iter(came))]

    def keep(self, peers: set[str]) -> None:
        """Forget everybody but `peers`."""
        self._peers = {key: peer for key, peer in self._peers.items() if key in peers}

    def send(self, signal: PeerSignal) -> None:
        """Send a local signal."""
        key = signal.peer
        peer = self._peers.setdefault(key, _Peer())
        if signal.kind == "offer" and key != BRIDGE_PEER:
            self._failing(key, signal.attempt - 1)
        if signal.kind == "offer" and peer.offered:
            peer.silent[peer.offered] = peer.silent.get(peer.offered, 0) + 1
        peer.sent, peer.tried, peer.offered = signal, set(), ""
        transport = self._of_offer(peer, signal) or self._next(key, peer)
        if transport is None:
            error = PartylineError(
                "No way to this member is open at present.", "It is tried again by itself.", code="signaling.no-way"
            )
            self._refused(SignalRefused.of(signal, error.message, final=key == BRIDGE_PEER), error)
            return
        self._by(transport, peer, signal)

    def refused(self, name: str, notice: SignalRefused, error: PartylineError) -> None:
        """Handle transport `name`'s refusal of a signal. Another one sends it, or the refusal is reported."""
        peer = self._peers.get(notice.key())
        sent = peer.sent if peer is not None else None
        if peer is None or sent is None or (sent.kind, sent.sequence) != (notice.kind, notice.sequence):
            self._refused(notice, error)
            return
        peer.tried.add(name)
        peer.offered = ""
        other = self._next(notice.key(), peer) if notice.kind == "offer" and notice.final else None
        if other is None:
            self._refused(notice, error)
        else:
            self._by(other, peer, sent)

    def _of_offer(self, peer: _Peer, signal: PeerSignal) -> Transport | None:
        if signal.kind != "answer":
            return None
        name = peer.came.get(signal.sequence)
        return next((transport for transport in self._transports if transport.name == name), None)

    def _next(self, key: str, peer: _Peer) -> Transport | None:
        there = [one for one in self._transports if one.name not in peer.tried and one.reaches(key)]
        heard = [one for one in there if peer.silent.get(one.name, 0) < SILENT_TRIES]
        if not heard:
            for one in there:
                peer.silent.pop(one.name, None)
        return next(iter(heard or there), None)

    @staticmethod
    def _by(transport: Transport, peer: _Peer, signal: PeerSignal) -> None:
        peer.tried.add(transport.name)
        if signal.kind == "offer":
            peer.offered = transport.name
        transport.send(signal)
