"""The offer/answer negotiation with one member. No I/O, no clock. The caller carries out the actions.

- Every offer is answered on its own connection, even while a local offer is out (glare). Whose offer wins in Sony's
  apps is [open]. The first connection that comes up is therefore used at once, and no rule costs time.
- There are never more than two connections. When both are up, one is closed. The older member's offer stays, so that
  two clients of our kind choose the same one. A connection that carries the voice wins over one that does not, since
  an app with a single connection moves it to the latest offer that it took.
- `benchmarks.party.glare` measures how long each way of a glare takes.
- `states` has the states and the transition table, `state_machine` makes the transitions, `steps` has what they do.
"""

from __future__ import annotations

from dataclasses import replace

from workers.media.negotiate.actions import Action, RepeatAnswer
from workers.media.negotiate.connection_set import ConnectionSet
from workers.media.negotiate.negotiated_connection import loser, worse
from workers.media.negotiate.negotiation_status import NegotiationStatus
from workers.media.negotiate.offer_hold import OfferHold
from workers.media.negotiate.offers import Offer, RemoteOffers
from workers.media.negotiate.retries import RetryPolicy, Timeouts
from workers.media.negotiate.state_machine import StateMachine
from workers.media.negotiate.states import ONE_UP, NegotiationEvent, NegotiationState
from workers.media.negotiate.steps import EventData, NegotiationSteps

_TOO_LONG = "no connection within the time allowed"


class Negotiation:
    """The negotiation with one member. Methods return the actions to carry out, in order."""

    def __init__(self, timeouts: Timeouts, *, wins_glare: bool, offer_at: float, sequence: int = 1) -> None:
        """Wait for a remote offer until `offer_at`. `wins_glare` as in `use_order`. `sequence`: of our first offer."""
        self.retries = RetryPolicy(timeouts, offer_at)
        """The failed tries and the schedule of the next offer."""
        self._connections = ConnectionSet()
        self._offers = RemoteOffers()
        self._hold = OfferHold()
        steps = NegotiationSteps(self._connections, self.retries, timeouts, sequence)
        self._machine = StateMachine(steps, self.retries)
        self.status = NegotiationStatus(self._machine, steps, self._connections, self.retries, self._offers)
        self.use_order(wins_glare=wins_glare)

    def use_order(self, *, wins_glare: bool) -> None:
        """Set whose offer stays in a glare. Ours wins if we joined first, or if that is unknown, by the peer keys."""
        self.wins_glare = wins_glare
        self.retries.use_order(offers_at_once=wins_glare)

    def hold_offers(self, until: float) -> None:
        """Make no local offer on schedule before this time."""
        self._hold.hold(until)

    # --- signals from the other side -------------------------------------------------------------

    def on_offer(self, sequence: int, sdp: str, now: float) -> list[Action]:
        offer = Offer(sequence, sdp)
        if self.status.is_over:
            return []
        if (answering := self._connections.answering(offer)) is not None:
            return [RepeatAnswer(answering.number)] if self._offers.may_answer(now) else []
        return self._answer(offer, now) if self._offers.take(offer, now) else []

    def meet_offer(self, sequence: int, sdp: str, now: float) -> list[Action]:
        """Answer an offer with a local offer first. This shows whether the other side answers in a glare."""
        if self.status.state is not NegotiationState.APART:
            return self.on_offer(sequence, sdp, now)
        self._hold.keep(Offer(sequence, sdp), now)
        return self._machine.fire(NegotiationEvent.DUE, EventData(now))

    def on_answer(self, sequence: int, sdp: str, now: float) -> list[Action]:
        """Handle an answer. It is ignored unless it is for the pending local offer."""
        self._hold.drop()
        ours = self._connections.ours
        if ours is None or ours.sequence != sequence or not self._machine.handles(NegotiationEvent.ANSWER_CAME):
            self._offers.record_ignored_answer()
            return []
        return self._machine.fire(NegotiationEvent.ANSWER_CAME, EventData(now, sequence, sdp))

    def on_refusal(self, kind: str, sequence: int, message: str, now: float, *, final: bool) -> list[Action]:
        """Handle the server's refusal of a signal. The refusal of an old signal changes nothing."""
        wait_s = self.retries.after_refusal(final=final)
        words = f"the server refused our {kind}: {message}"
        data = EventData(now, reason="refused", words=words, wait_s=wait_s)
        ours, theirs = self._connections.ours, self._connections.theirs
        if kind == "offer" and ours is not None and ours.sequence == sequence:
            return self._machine.fire(NegotiationEvent.OFFER_ENDED, data)
        if kind == "answer" and theirs is not None and theirs.sequence == sequence:
            return self._machine.fire(NegotiationEvent.THEIRS_FAILED, data)
        return []

    # --- events of the connections ---------------------------------------------------------------

    def on_up(self, number: int, now: float) -> list[Action]:
        """Handle that a connection came up."""
        if self._connections.is_ours(number):
            return self._machine.fire(NegotiationEvent.OURS_UP, EventData(now, connection=self._connections.ours))
        if self._connections.is_theirs(number):
            return self._machine.fire(NegotiationEvent.THEIRS_UP, EventData(now, connection=self._connections.theirs))
        return []

    def on_ended(self, number: int, words: str, now: float) -> list[Action]:
        """Handle that a connection was lost or did not come up."""
        data = EventData(now, words=words, connection=self._connections.find(number))
        if data.connection is None:
            return []
        if data.connection in self._connections.established:
            return self._machine.fire(NegotiationEvent.LOST, data)
        if data.connection is self._connections.theirs:
            return self._machine.fire(NegotiationEvent.THEIRS_FAILED, data)
        return self._machine.fire(NegotiationEvent.OFFER_ENDED, data) or self._machine.fire(
            NegotiationEvent.OURS_FAILED, data
        )

    def record_media(self, number: int, at: float, rtp_at: float) -> None:
        """Record when any packet and when RTP last arrived on a connection, -1 if never."""
        if (connection := self._connections.find(number)) is not None:
            connection.heard_at = max(connection.heard_at, at)
            connection.rtp_at = max(connection.rtp_at, rtp_at)

    # --- time and the end ------------------------------------------------------------------------

    def poll(self, now: float) -> list[Action]:
        """Return the actions that are due. Call it a few times a second."""
        actions: list[Action] = []
        if not self.status.is_over and (offer := self._offers.due(now)) is not None:
            actions += self._answer(offer, now)
        actions += self._deadlines(now)
        if (kept := self._hold.due(now)) is not None:
            actions += self.on_offer(kept.sequence, kept.sdp, now)
        if self.retries.offer_at is not None and now >= max(self.retries.offer_at, self._hold.until):
            actions += self._machine.fire(NegotiationEvent.DUE, EventData(now))
        established = self._connections.established
        if (
            self.status.state is NegotiationState.TWO_UP
            and (one := loser(established, now, wins_glare=self.wins_glare)) is not None
        ):
            actions += self._machine.fire(NegotiationEvent.CHOSEN, EventData(now, connection=one))
        if self.status.state in ONE_UP:
            self.retries.check_media(established[0], now, may_offer=self.status.state is NegotiationState.UP)
        return actions

    def try_again(self, now: float) -> list[Action]:
        """Make the next offer at once instead of a scheduled one, because it would now be made differently."""
        self.retries.advance(now)
        if self._connections.ours is not None and self.status.state in (
            NegotiationState.OFFERED,
            NegotiationState.GLARE,
        ):
            self._connections.ours.deadline = now
        return self.poll(now)

    def leave(self, now: float) -> list[Action]:
        """End the negotiation. No signal follows."""
        return self._machine.fire(NegotiationEvent.LEFT, EventData(now))

    # --- inside ----------------------------------------------------------------------------------

    def _answer(self, offer: Offer, now: float) -> list[Action]:
        established = self._connections.established
        gives_way = worse(established, wins_glare=self.wins_glare) if established else None
        return self._machine.fire(NegotiationEvent.OFFER_CAME, EventData(now, offer.sequence, offer.sdp, gives_way))

    def _deadlines(self, now: float) -> list[Action]:
        actions: list[Action] = []
        too_long = EventData(now, words=_TOO_LONG, wait_s=self.retries.after_long_try())
        if (theirs := self._connections.theirs) is not None and now >= theirs.deadline:
            actions += self._machine.fire(NegotiationEvent.THEIRS_FAILED, replace(too_long, connection=theirs))
        if (ours := self._connections.ours) is not None and now >= ours.deadline:
            unanswered = EventData(now, reason="no-answer", words="our offer got no answer")
            actions += self._machine.fire(NegotiationEvent.UNANSWERED, unanswered) or self._machine.fire(
                NegotiationEvent.OURS_FAILED, replace(too_long, connection=ours)
            )
        return actions
