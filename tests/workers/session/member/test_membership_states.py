"""The drawing in notes/party-api.md shows the table, all of it and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.notes.drawings import drawn
from workers.session.member.membership_states import TABLE, MembershipEvent, MembershipState, in_state, state_of
from workers.session.memory import PartyMemory

NOTES = Path(__file__).parents[4] / "notes" / "party-api.md"


def test_the_drawing_and_the_table_are_the_same() -> None:
    table = {(state.name, event.value, after.name) for (state, event), after in TABLE.items()}
    other = {arrow for arrow in table if arrow[1] == MembershipEvent.OTHER_ACCOUNT.value}
    assert {state for state, _, _ in other} == {
        state.name for state in MembershipState if state is not MembershipState.OUT
    }
    assert drawn("party-api.md") == (table - other) | {
        ("Anywhere", MembershipEvent.OTHER_ACCOUNT.value, MembershipState.OUT.name)
    }


def test_every_state_is_explained_in_the_notes() -> None:
    text = NOTES.read_text()
    for state in MembershipState:
        assert re.search(rf"^{state.name} +\w", text, re.MULTILINE), state


def test_every_state_can_be_reached_and_left_and_every_event_counts() -> None:
    reached = {MembershipState.OUT}
    while more := {after for (state, _), after in TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == set(MembershipState)
    assert {event for _, event in TABLE} == set(MembershipEvent)
    ends = {MembershipState.OUT}
    while more := {state for (state, _), after in TABLE.items() if after in ends} - ends:
        ends |= more
    assert ends == set(MembershipState)


@pytest.mark.parametrize("state", MembershipState)
def test_a_state_survives_in_the_memory(state: MembershipState) -> None:
    memory = PartyMemory(session_id="" if state is MembershipState.CREATING else "s", account_id="1")
    assert state_of(in_state(memory, state)) is state


@pytest.mark.parametrize("known", [True, False])
def test_a_leave_keeps_whether_the_members_are_known(known: bool) -> None:
    memory = in_state(PartyMemory(session_id="s"), MembershipState.JOINED if known else MembershipState.UNREAD)
    assert in_state(memory, MembershipState.LEAVING).known is known
