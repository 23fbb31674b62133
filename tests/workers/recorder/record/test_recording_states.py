"""The drawing in notes/recordings.md shows the table, all of it and nothing else."""

from __future__ import annotations

from tests.notes.drawings import drawn
from workers.recorder.record.recording_states import TABLE, RecordingEvent, RecordingState

ENDS = {RecordingState.FINISHED, RecordingState.CRASHED}


def test_the_drawing_and_the_table_are_the_same() -> None:
    assert drawn("recordings.md") == {(state.name, event.value, after.name) for (state, event), after in TABLE.items()}


def test_every_state_is_reached_every_event_happens_and_only_the_ends_are_not_left() -> None:
    reached = {RecordingState.RECORDING}
    while more := {after for (state, _), after in TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == set(RecordingState)
    assert {event for _, event in TABLE} == set(RecordingEvent)
    assert {state for state, _ in TABLE} == set(RecordingState) - ENDS


def test_a_recording_is_finished_only_after_its_stop() -> None:
    assert {state for (state, _), after in TABLE.items() if after is RecordingState.FINISHED} == {
        RecordingState.FINISHING
    }
    assert {event for (_, event), after in TABLE.items() if after is RecordingState.FINISHING} == {
        RecordingEvent.STOP_REQUESTED
    }
