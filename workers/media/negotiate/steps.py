"""The steps of the transition table: what each one changes, and the actions that it asks for. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, FailureReason, MakeOffer
from workers.media.negotiate.connection_set import ConnectionSet
from workers.media.negotiate.negotiated_connection import NegotiatedConnection
from workers.media.negotiate.offers import Offer
from workers.media.negotiate.retries import RetryPolicy, Timeouts
from workers.media.negotiate.states import NegotiationStep

LEFTOVER_S = 5.0
"""How long the other connection of a glare has to come up once one is up. Longer than the slowest answer seen."""


@dataclass(frozen=True)
class EventData:
    """The data of an event."""

    now: float
    sequence: int = 0
    sdp: str = ""
    connection: NegotiatedConnection | None = None
    """The connection of the event."""
    reason: FailureReason = "no-connection"
    words: str = ""
    wait_s: float | None = None
    """Time until the next offer. None means the delay after a fast failure."""


class NegotiationSteps:
    """Runs the steps on the connections and the retry policy of one negotiation."""

    def __init__(
        self, connections: ConnectionSet, retries: RetryPolicy, timeouts: Timeouts, next_sequence: int
    ) -> None:
        self.next_sequence = next_sequence
        """The sequence of our next offer."""
        self.apart: Literal["waiting", "lost", "failed"] = "waiting"
        """The status while there is no connection."""
        self.apart_words = "waiting for an offer"
        self._connections, self._retries, self._timeouts = connections, retries, timeouts

    def run(self, step: NegotiationStep, event: EventData) -> list[Action]:
        return self._steps[step](self, event)

    def _offer(self, event: EventData) -> list[Action]:
        sequence, self.next_sequence = self.next_sequence, self.next_sequence + 1
        ours = self._connections.make_ours(sequence, event.now + self._retries.backoff())
        self._retries.clear_offer()
        return [MakeOffer(ours.number, sequence, self._retries.failures + 1)]

    def _answer(self, event: EventData) -> list[Action]:
        deadline = event.now + self._timeouts.connect_timeout_s
        theirs = self._connections.make_theirs(Offer(event.sequence, event.sdp), deadline)
        self._retries.clear_offer()
        return [AnswerOffer(theirs.number, event.sequence, event.sdp, self._retries.failures + 1)]

    def _accept(self, event: EventData) -> list[Action]:
        ours = self._connections.ours
        if ours is None:
            return []
        ours.deadline = event.now + (LEFTOVER_S if self._connections.established else self._timeouts.connect_timeout_s)
        return [AcceptAnswer(ours.number, event.sdp)]

    def _establish(self, event: EventData) -> list[Action]:
        if event.connection is not None:
            self._connections.establish(event.connection, event.now)
        return []

    def _close_ours(self, _: EventData) -> list[Action]:
        ours, self._connections.ours = self._connections.ours, None
        return [] if ours is None else [Close(ours.number)]

    def _close_theirs(self, _: EventData) -> list[Action]:
        theirs, self._connections.theirs = self._connections.theirs, None
        return [] if theirs is None else [Close(theirs.number)]

    def _close_established(self, event: EventData) -> list[Action]:
        if event.connection is None:
            return []
        self._connections.established.remove(event.connection)
        return [Close(event.connection.number)]

    def _close_all(self, _: EventData) -> list[Action]:
        closed = self._connections.all()
        self._connections.clear()
        self._retries.clear_offer()
        return [Close(one.number) for one in closed]

    def _limit_other(self, event: EventData) -> list[Action]:
        for one in self._connections.pending():
            one.deadline = min(one.deadline, event.now + LEFTOVER_S)
        return []

    def _count_failure(self, event: EventData) -> list[Action]:
        self._retries.record_failure(event.reason, event.words, event.now)
        return []

    def _retry(self, event: EventData) -> list[Action]:
        self._retries.schedule(event.now, event.wait_s)
        self.apart, self.apart_words = "failed", event.words
        return []

    def _retry_lost(self, event: EventData) -> list[Action]:
        up_at = event.connection.up_at if event.connection is not None else None
        up_s = 0.0 if event.connection is None else event.now - (up_at or 0.0)
        self._retries.schedule_after_loss(up_s, event.words, event.now)
        self.apart, self.apart_words = "lost", event.words
        return []

    _steps: ClassVar[dict[NegotiationStep, Callable[[NegotiationSteps, EventData], list[Action]]]] = {
        NegotiationStep.OFFER: _offer,
        NegotiationStep.ANSWER: _answer,
        NegotiationStep.ACCEPT: _accept,
        NegotiationStep.ESTABLISH: _establish,
        NegotiationStep.CLOSE_OURS: _close_ours,
        NegotiationStep.CLOSE_THEIRS: _close_theirs,
        NegotiationStep.CLOSE_ESTABLISHED: _close_established,
        NegotiationStep.CLOSE_ALL: _close_all,
        NegotiationStep.LIMIT_OTHER: _limit_other,
        NegotiationStep.COUNT_FAILURE: _count_failure,
        NegotiationStep.RETRY: _retry,
        NegotiationStep.RETRY_LOST: _retry_lost,
    }
