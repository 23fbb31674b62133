"""A console's offers and answers, by peer. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.consoles.negotiate.behaviour import MIX_AFTER_S, Behaviour
from simulator.facts import rests_on
from simulator.facts.consoles import NAMED, REPEATS

REPEAT_AFTER_S = 6.0
"""Time until an unanswered offer is repeated."""
MOST_OFFERS = 5
REOFFER_AFTER_S = 3.0


@dataclass
class _Peer:
    join_order: int = 0
    offer_at: float | None = None
    """Time of the next offer, None for no own offer."""
    offered: int = 0
    """Sequence number of the outstanding local offer, 0 for none."""
    offers: int = 0
    sequence: int = 0
    times_up: int = 0
    """How often a connection came up."""
    names_us: bool = False
    """Whether its customData3 names this console."""


class ConsoleOffers:
    """What is pending with each peer. Times are in monotonic seconds."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._peers: dict[str, _Peer] = {}

    def clear(self) -> None:
        """Forget every peer, at the start or end of a party."""
        self._peers.clear()

    # --- who is there ----------------------------------------------------------------------------

    def on_joined(self, peer: str, now: float, join_order: int = 0) -> None:
        """Add a member at its join or at this console's."""
        known = self._peers.get(peer)
        names_us = known is not None and known.names_us
        state = self._peers[peer] = _Peer(join_order=join_order, names_us=names_us)
        wait = self._behaviour.offer_wait_s(peer, join_order)
        state.offer_at = None if wait is None else now + wait

    def on_left(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def on_named(self, peer: str, *, us: bool) -> None:
        """Record whether a peer's customData3 names this console."""
        self._peers.setdefault(peer, _Peer()).names_us = us

    @rests_on(NAMED)
    def accepts(self, peer: str) -> bool:
        """Return whether this console negotiates with that peer."""
        return not self._behaviour.needs_naming() or self._peers.setdefault(peer, _Peer()).names_us

    # --- offers and answers ----------------------------------------------------------------------

    @rests_on(REPEATS)
    def due(self, now: float) -> list[str]:
        """Return the peers to offer to now. A peer with `MOST_OFFERS` unanswered offers gets no more."""
        due = []
        for peer, state in self._peers.items():
            if state.offer_at is None or now < state.offer_at or not self.accepts(peer):
                continue
            if state.offers < MOST_OFFERS:
                due.append(peer)
            else:
                state.offered, state.offer_at = 0, None
        return due

    def offer_again(self, now: float) -> None:
        """Schedule an offer to every peer at once, in any state."""
        for state in self._peers.values():
            state.offers, state.offer_at = 0, now

    def next_at(self) -> float | None:
        """Return when the next offer is due, None if nothing is scheduled."""
        times = [one.offer_at for peer, one in self._peers.items() if one.offer_at is not None and self.accepts(peer)]
        return min(times, default=None)

    def record_offer(self, peer: str, now: float) -> tuple[int, str]:
        """Record an outgoing offer and return its sequence number and type."""
        state = self._peers[peer]
        state.sequence += 1
        state.offers += 1
        state.offered = state.sequence
        state.offer_at = now + REPEAT_AFTER_S
        return state.sequence, self._behaviour.kind(state.times_up)

    def glares(self, peer: str) -> bool:
        """Return whether to answer a received offer with an own offer."""
        return self._behaviour.policy == "glare" and not self._peers.setdefault(peer, _Peer()).sequence

    def on_up(self, peer: str, now: float) -> None:
        """Record that a connection came up."""
        state = self._peers.get(peer)
        if state is None:
            return
        state.times_up += 1
        if self._behaviour.policy == "reoffer":
            state.offers, state.offer_at = 0, now + REOFFER_AFTER_S

    def on_offer(self, peer: str) -> bool:
        """Record a received offer and return whether to answer it. Answering drops a local offer."""
        if not self._behaviour.answers or not self.accepts(peer):
            return False
        state = self._peers.setdefault(peer, _Peer())
        if state.offered and not self._behaviour.yields(state.join_order):
            return False
        state.offered, state.offer_at = 0, None
        return True

    def on_answer(self, peer: str, sequence: str) -> bool:
        """Record an answer and return whether it belongs to the outstanding local offer."""
        state = self._peers.get(peer)
        if state is None or not state.offered or sequence != str(state.offered):
            return False
        state.offered, state.offers, state.offer_at = 0, 0, None
        return True

    @rests_on(REPEATS)
    def on_lost(self, peer: str, now: float) -> None:
        """Record a lost connection with a peer that is still in the party."""
        state = self._peers.get(peer)
        if state is not None and not state.offered and self._behaviour.offers_after_loss(peer, state.join_order):
            state.offer_at = now + MIX_AFTER_S
