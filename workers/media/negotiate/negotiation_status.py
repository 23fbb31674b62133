"""What others see of one negotiation. Read only."""

from __future__ import annotations

from typing import Literal

from workers.media.negotiate.connection_set import ConnectionSet
from workers.media.negotiate.offers import RemoteOffers
from workers.media.negotiate.retries import RetryPolicy
from workers.media.negotiate.state_machine import StateMachine
from workers.media.negotiate.states import WORDS, NegotiationState
from workers.media.negotiate.steps import NegotiationSteps

ConnectionStatus = Literal["waiting", "connecting", "connected", "lost", "failed"]
"""As in `common.messages.PeerState`."""


class NegotiationStatus:
    def __init__(
        self,
        machine: StateMachine,
        steps: NegotiationSteps,
        connections: ConnectionSet,
        retries: RetryPolicy,
        offers: RemoteOffers,
    ) -> None:
        self._machine, self._steps, self._connections = machine, steps, connections
        self._retries, self._offers = retries, offers

    @property
    def state(self) -> NegotiationState:
        return self._machine.state

    @property
    def connection(self) -> ConnectionStatus:
        if self._connections.established:
            return "connected"
        return self._steps.apart if self.state in (NegotiationState.APART, NegotiationState.OUT) else "connecting"

    @property
    def detail(self) -> str:
        """The state in words."""
        if self.state is NegotiationState.APART:
            return self._steps.apart_words
        if self._retries.silent:
            return "connected, but no sound has come yet"
        failures = self._retries.failures
        again = f" (try {failures + 1})" if failures and not self._connections.established else ""
        return WORDS[self.state] + again

    @property
    def is_over(self) -> bool:
        """Whether one side has left. No more signals are sent."""
        return self.state is NegotiationState.OUT

    @property
    def ignored(self) -> int:
        """Answers that match no local offer, and offers that came late or too often."""
        return self._offers.answers_ignored + self._offers.ignored

    @property
    def established(self) -> tuple[int, ...]:
        """Numbers of the connections that are up."""
        return tuple(one.number for one in self._connections.established)

    @property
    def connections(self) -> tuple[int, ...]:
        """Numbers of all connections, two at most."""
        return tuple(one.number for one in self._connections.all())

    @property
    def made(self) -> int:
        """How many connections were made so far."""
        return self._connections.made

    @property
    def next_sequence(self) -> int:
        """The sequence of our next offer."""
        return self._steps.next_sequence
