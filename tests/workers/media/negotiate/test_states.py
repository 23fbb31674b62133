"""The drawing in notes/signaling.md shows the table, all of it and nothing else."""

from __future__ import annotations

from tests.notes.drawings import drawn
from workers.media.negotiate.states import TABLE, WORDS, NegotiationEvent, NegotiationState, NegotiationStep


def test_the_drawing_and_the_table_are_the_same() -> None:
    table = {(state.name, event.value, after.name) for (state, event), (after, _) in TABLE.items()}
    leaving = {arrow for arrow in table if arrow[2] == NegotiationState.OUT.name}
    assert {state for state, _, _ in leaving} == {
        state.name for state in NegotiationState if state is not NegotiationState.OUT
    }
    assert drawn("signaling.md") == (table - leaving) | {
        ("Anywhere", NegotiationEvent.LEFT.value, NegotiationState.OUT.name)
    }


def test_every_state_can_be_reached_and_is_explained() -> None:
    reached = {NegotiationState.APART}
    while more := {after for (state, _), (after, _) in TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == set(NegotiationState) == set(WORDS)
    assert {step for _, steps in TABLE.values() for step in steps} == set(NegotiationStep)
    assert {event for _, event in TABLE} == set(NegotiationEvent)


def test_a_state_that_stands_is_left_only_by_a_loss_or_by_leaving() -> None:
    up = {state for state in NegotiationState if state.name.startswith(("UP", "TWO"))}
    left = {event for (state, event), (after, _) in TABLE.items() if state in up and after not in up}
    assert left == {NegotiationEvent.LOST, NegotiationEvent.LEFT}
