"""Events move the state as the table says, and do nothing elsewhere."""

from __future__ import annotations

import pytest

from workers.media.negotiate.actions import MakeOffer
from workers.media.negotiate.connection_set import ConnectionSet
from workers.media.negotiate.retries import RetryPolicy, Timeouts
from workers.media.negotiate.state_machine import StateMachine
from workers.media.negotiate.states import TABLE, NegotiationEvent, NegotiationState
from workers.media.negotiate.steps import EventData, NegotiationSteps


def machine() -> StateMachine:
    retries = RetryPolicy(Timeouts(), 0.0)
    return StateMachine(NegotiationSteps(ConnectionSet(), retries, Timeouts(), 5), retries)


def test_an_event_makes_its_transition_and_returns_the_actions_of_its_steps() -> None:
    found = machine()
    assert found.fire(NegotiationEvent.DUE, EventData(1.0)) == [MakeOffer(1, 5)]
    assert found.state is NegotiationState.OFFERED


def test_an_event_that_is_not_in_the_table_changes_nothing() -> None:
    for event in NegotiationEvent:
        found = machine()
        handled = (NegotiationState.APART, event) in TABLE
        assert found.handles(event) is handled
        if not handled:
            assert found.fire(event, EventData(1.0)) == []
            assert found.state is NegotiationState.APART


@pytest.mark.parametrize("state", [NegotiationState.UP, NegotiationState.APART])
def test_a_silence_goes_on_only_while_one_connection_is_up(state: NegotiationState) -> None:
    retries = RetryPolicy(Timeouts(), 0.0)
    found = StateMachine(NegotiationSteps(ConnectionSet(), retries, Timeouts(), 5), retries)
    found.state, retries.silent = state, True
    assert found.fire(NegotiationEvent.DUE, EventData(1.0)) == [MakeOffer(1, 5)]
    assert retries.silent is (state is NegotiationState.UP)
