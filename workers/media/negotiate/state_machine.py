"""The state of one negotiation, moved by events through the transition table. No I/O, no clock."""

from __future__ import annotations

from workers.media.negotiate.actions import Action
from workers.media.negotiate.retries import RetryPolicy
from workers.media.negotiate.states import ONE_UP, TABLE, NegotiationEvent, NegotiationState
from workers.media.negotiate.steps import EventData, NegotiationSteps


class StateMachine:
    def __init__(self, steps: NegotiationSteps, retries: RetryPolicy) -> None:
        self.state = NegotiationState.APART
        self._steps, self._retries = steps, retries

    def handles(self, event: NegotiationEvent) -> bool:
        """Return whether the event changes anything in this state."""
        return (self.state, event) in TABLE

    def fire(self, event: NegotiationEvent, data: EventData) -> list[Action]:
        """Make the transition of this event, and return the actions of its steps. Nothing if there is none."""
        row = TABLE.get((self.state, event))
        if row is None:
            return []
        self.state, steps = row
        if self.state not in ONE_UP:
            self._retries.clear_silent()
        found = [self._steps.run(step, data) for step in steps]
        return [action for every in found for action in every]
