"""Observations of who offers, and of who answers in a glare. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cli.probe.observe.observations import Glare, Observation, OfferBehaviour
from cli.probe.observe.party_members import PartyMembers
from common.messages import BRIDGE_PEER, Member, Message, PeerKey, PeerSignal

_MOST_OFFERS = 64


@dataclass
class _LocalOffer:
    at: float
    sequence: int
    answered: bool = False


@dataclass
class _PeerOffers:
    """What is known of one member's offers."""

    local_offers: deque[_LocalOffer] = field(default_factory=lambda: deque(maxlen=_MOST_OFFERS))
    offered_at: float = 0.0
    """When its oldest unanswered offer came, or 0 for none."""
    offered_in_window: bool = False
    we_offered: bool = False
    """Whether we have offered since the window opened."""
    met_at: float = 0.0
    """When we both became members, within the window."""
    judged: bool = False
    """Whether its behaviour in this window is reported."""


class OfferObserver:
    """Watches offers and answers in a window in which local offers are held back.

    `understands` returns whether members on a platform are known to understand our messages.
    """

    def __init__(self, members: PartyMembers, understands: Callable[[str], bool]) -> None:
        self._members = members
        self._understands = understands
        self._peers: dict[str, _PeerOffers] = {}
        self._window: float | None = None
        self._meets = False

    # --- windows -------------------------------------------------------------------------------------

    def open_window(self, now: float, *, meets: bool = False) -> None:
        """Open a window in which local offers are held back. `meets`: a remote offer is met with a local one."""
        self._window, self._meets = now, meets
        for peer in self._peers.values():
            peer.offered_in_window = peer.we_offered = peer.judged = False
            peer.met_at = 0.0  # an earlier member has already offered or not

    def close_window(self, now: float) -> list[Observation]:
        """Close the window. Return which members offered in it and which did not."""
        found: list[Observation] = []
        for member in self._members.others():
            peer = self._peers.get(member.peer, _PeerOffers())
            if self._window is not None and peer.met_at and not peer.judged and not peer.we_offered:
                found += self._judge(member, peer, now, offered=peer.offered_in_window)
        self._window, self._meets = None, False
        return found

    def all_judged(self) -> bool:
        """Return whether every member that joined in the window has offered."""
        met = [peer for peer in self._present() if peer.met_at]
        return bool(met) and all(peer.judged for peer in met)

    def glare_is_open(self) -> bool:
        """Return whether a member waits for our answer to its offer."""
        return any(peer.offered_at for peer in self._present())

    def _present(self) -> list[_PeerOffers]:
        return [self._peers[one.peer] for one in self._members.others() if one.peer in self._peers]

    def _judge(self, member: Member, peer: _PeerOffers, now: float, *, offered: bool) -> list[Observation]:
        older = self._members.is_older(member)
        peer.judged = True
        if older is None:
            return []
        return [
            OfferBehaviour(
                who=self._members.alias(member.peer),
                older=older,
                smaller=self._members.is_smaller(member),
                offered=offered,
                waited_s=round(max(0.0, now - peer.met_at), 1),
            )
        ]

    # --- messages ------------------------------------------------------------------------------------

    def on_joined(self, peer: str, now: float) -> None:
        if self._members.has_alias(peer):
            self._of(peer).met_at = now

    def on_left(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def on_message(self, message: Message, now: float) -> Iterator[Observation]:
        if not isinstance(message, PeerSignal) or message.transport != "miranda" or message.peer == BRIDGE_PEER:
            return
        if not self._members.has_alias(message.peer):
            return
        peer = self._of(message.peer)
        if message.direction == "out" and message.kind == "offer":
            peer.local_offers.append(_LocalOffer(now, message.sequence))
            peer.we_offered = True
        elif message.direction == "out":
            yield from self._on_local_answer(message.peer, peer)
        elif message.kind == "offer":
            yield from self._on_remote_offer(message.peer, peer, now)
        else:
            yield from self._on_remote_answer(message.peer, peer, message.sequence)

    def _of(self, key: str) -> _PeerOffers:
        return self._peers.setdefault(key, _PeerOffers())

    def _on_local_answer(self, key: str, peer: _PeerOffers) -> Iterator[Observation]:
        since = peer.offered_at
        ours = next((one for one in reversed(peer.local_offers) if one.at >= since), None)
        if self._meets and since and ours is not None:
            yield from self._glare(key, answered=ours.answered)
        peer.offered_at = 0.0

    def _on_remote_offer(self, key: str, peer: _PeerOffers, now: float) -> Iterator[Observation]:
        peer.offered_at = peer.offered_at or now
        if self._window is None or peer.judged or peer.we_offered:
            return
        peer.offered_in_window = True
        member = self._members.find(key)
        if member is not None and peer.met_at:
            yield from self._judge(member, peer, now, offered=True)

    def _on_remote_answer(self, key: str, peer: _PeerOffers, sequence: int) -> Iterator[Observation]:
        ours = next((one for one in reversed(peer.local_offers) if one.sequence == sequence), None)
        if ours is None or ours.answered:
            return
        ours.answered = True
        if self._meets and peer.offered_at and ours.at >= peer.offered_at:
            yield from self._glare(key, answered=True)
            peer.offered_at = 0.0

    def _glare(self, key: str, *, answered: bool) -> Iterator[Observation]:
        """Report a glare if the member is known to understand our messages."""
        member = self._members.find(key)
        if member is None or not self._understands(PeerKey.of(key).platform):
            return
        older = self._members.is_older(member)
        if older is not None:
            yield Glare(who=self._members.alias(key), older=older, answered=answered)
