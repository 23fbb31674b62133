"""The roster of talkers, which are the party's members and its bridge. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable

from common.config.tables import MediaSettings
from common.messages import BRIDGE, BRIDGE_PEER, Member, PartyState, PeerKey, PeerSignal, SignalRefused
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.retries import Timeouts
from workers.media.talkers.talker import Talker

EARLY_S = 10.0
"""How long a signal is kept before its sender is known to be a member."""
EARLY_LIMIT = 32
LEFT_LIMIT = 64
JUST_JOINED_S = 1.0
CONFIRM_S = 10.0
"""How long local offers wait, after a sleep or a restart of session, for it to confirm that we are still in the
party. It reads it within 2 s where there is a network (`benchmarks.whole.sleep`). An offer to a party that dropped us
is refused."""
UNKNOWN_ORDER_S = 1.0
"""How long to wait for a member's offer if it is unknown who joined first."""


class Roster:
    """The talkers by peer key. `now` is monotonic. `clock` and `started_at` (the start of this run) are of `boot_s`."""

    def __init__(
        self,
        settings: MediaSettings,
        started_at: float,
        new_talker: Callable[[Member, Negotiation], Talker],
        remove_talker: Callable[[Talker], None],
    ) -> None:
        self.talkers: dict[str, Talker] = {}
        self._timeouts = Timeouts(settings.answer_timeout_s, settings.connect_timeout_s)
        self._offer_after_s = settings.offer_after_s
        self._started_at = started_at
        self._new_talker = new_talker
        self._remove_talker = remove_talker
        self._early_signals: dict[str, tuple[float, PeerSignal]] = {}
        self._next_sequences: dict[str, int] = {}
        """Sequence numbers that continue after a rejoin, so that a late answer fits no new offer. The latest last."""
        self._session_id = ""
        self._has_party_state = False
        self._had_bridge = False
        """An earlier run had a connection with the party's bridge."""
        self._held_until = self._unconfirmed_until = 0.0
        self._meets_offers = False

    def hold_offers(self, until: float, *, meets: bool) -> None:
        """Send no offers before `until`, except, with `meets`, in reply to a remote offer."""
        self._held_until, self._meets_offers = until, meets
        for talker in self.talkers.values():
            talker.negotiation.hold_offers(until)

    def on_wake(self, slept_s: float, now: float) -> None:
        """Handle that this machine slept until now. The party may have dropped us, so no offer goes out unconfirmed."""
        self._await_confirmation(now)
        for talker in list(self.talkers.values()):
            talker.on_wake(slept_s, now)

    def _await_confirmation(self, now: float) -> None:
        self._unconfirmed_until = now + CONFIRM_S
        for talker in self.talkers.values():
            talker.negotiation.hold_offers(max(self._held_until, self._unconfirmed_until))

    def on_signal(self, signal: PeerSignal, now: float) -> None:
        """Pass an offer or answer to its talker, or keep it until its sender is known."""
        key = signal.peer
        if key in self.talkers:
            self._pass_signal(self.talkers[key], signal, now)
        elif len(self._early_signals) < EARLY_LIMIT or key in self._early_signals:
            self._early_signals[key] = (now, signal)
            self._add_bridge(now)

    def _pass_signal(self, talker: Talker, signal: PeerSignal, now: float) -> None:
        meet = self._meets_offers and signal.kind == "offer" and now < self._held_until
        talker.on_signal(signal, now, meet=meet)

    def on_refusal(self, refusal: SignalRefused, now: float) -> None:
        key = refusal.key()
        if key not in self.talkers:
            return
        if self.talkers[key].ends_with(refusal):
            self._remove(key)
        else:
            self.talkers[key].on_refusal(refusal, now)

    def on_party(self, party: PartyState, now: float, clock: float) -> None:
        """Add new members and remove those who left, or everybody if the party is another one or over."""
        over = party.phase in ("none", "leaving")
        if over or (self._session_id and party.session_id != self._session_id):
            self._session_id = ""
            for key in list(self.talkers):
                self._remove(key)
        if over:
            self._early_signals.clear()
            self._has_party_state = True
            return
        if party.phase != "joined":
            return  # keep all connections, because session may be restarting
        self._session_id = party.session_id
        self._confirm(party, now)
        members = {member.peer: member for member in party.members if not member.is_me and member.peer != party.me}
        for key in [key for key, talker in self.talkers.items() if talker.is_member]:
            if key not in members or _rejoined(self.talkers[key].member, members[key]):
                self._remove(key)
        restarted = not self._has_party_state and self._started_at - party.joined_s > JUST_JOINED_S
        # above the numbers that an earlier run may have used, so that a stale answer fits no offer
        sequence = max(1, int(clock - party.joined_s)) if restarted else 1
        me = next((member for member in party.members if member.is_me or member.peer == party.me), None)
        for key, member in members.items():
            older = None if me is None else _joined_before(me, member)
            wins_glare = older if older is not None else _has_lower_key(party.me, key)
            if key in self.talkers:
                self.talkers[key].update_member(member)
                self.talkers[key].negotiation.use_order(wins_glare=wins_glare)
                continue
            wait_s = {True: 0.0, False: self._offer_after_s, None: min(UNKNOWN_ORDER_S, self._offer_after_s)}[older]
            offer_at = now if restarted else now + wait_s
            number = max(sequence, self._next_sequences.pop(key, 1))
            self._add(
                member, Negotiation(self._timeouts, wins_glare=wins_glare, offer_at=offer_at, sequence=number), now
            )
        self._has_party_state = True
        self._add_bridge(now)

    def _confirm(self, party: PartyState, now: float) -> None:
        if party.resumed and not self._unconfirmed_until:
            self._await_confirmation(now)
        elif self._unconfirmed_until and not party.resumed:
            self._unconfirmed_until = 0.0
            self.hold_offers(self._held_until, meets=self._meets_offers)

    def record_bridge(self, now: float) -> None:
        """Record that an earlier run had a connection with the party's bridge."""
        self._had_bridge = True
        self._add_bridge(now)

    def forget_early(self, now: float) -> None:
        """Drop the signals whose senders never became members."""
        self._early_signals = {key: kept for key, kept in self._early_signals.items() if now - kept[0] < EARLY_S}

    def take_all(self) -> list[Talker]:
        """Remove and return all talkers."""
        talkers = list(self.talkers.values())
        self.talkers.clear()
        return talkers

    def _add_bridge(self, now: float) -> None:
        """Add the party's bridge if it has sent an offer, to this run or an earlier one."""
        if (
            self._session_id
            and BRIDGE_PEER not in self.talkers
            and (self._had_bridge or BRIDGE_PEER in self._early_signals)
        ):
            self._had_bridge = False
            self._add(BRIDGE, Negotiation(self._timeouts, wins_glare=False, offer_at=now), now)

    def _add(self, member: Member, negotiation: Negotiation, now: float) -> None:
        negotiation.hold_offers(max(self._held_until, self._unconfirmed_until))
        talker = self.talkers[member.peer] = self._new_talker(member, negotiation)
        arrived, signal = self._early_signals.pop(member.peer, (0.0, None))
        if signal is not None and now - arrived < EARLY_S:
            self._pass_signal(talker, signal, now)
        talker.poll(now)

    def _remove(self, key: str) -> None:
        talker = self.talkers.pop(key)
        self._next_sequences[key] = talker.negotiation.status.next_sequence
        if len(self._next_sequences) > LEFT_LIMIT:
            del self._next_sequences[next(iter(self._next_sequences))]
        self._remove_talker(talker)


def _rejoined(before: Member, now: Member) -> bool:
    """Return whether a member left and rejoined unseen, so that its connections are gone.

    Whether an order may change by itself is [open], so the time of joining must not contradict it.
    """
    later = 0 < before.join_order < now.join_order
    return later and (not before.joined_at or before.joined_at != now.joined_at)


def _joined_before(me: Member, other: Member) -> bool | None:
    """Return whether the local member joined the party before `other`, or None if that is unknown."""
    if me.join_order and other.join_order:
        return me.join_order < other.join_order
    if me.joined_at and other.joined_at and me.joined_at != other.joined_at:
        return me.joined_at < other.joined_at
    return None


def _has_lower_key(mine: str, theirs: str) -> bool:
    """Return whether `mine` is the lower peer key, by numeric account id and platform. Both ends agree on it."""

    def order(peer: str) -> tuple[int, str]:
        key = PeerKey.of(peer)
        return (int(key.account_id) if key.is_account else 0, key.platform)

    return order(mine) < order(theirs)
