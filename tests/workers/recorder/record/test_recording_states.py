"""The drawing in notes/recordings.md shows the table, all of it and nothing else."""

from __future__ import annotations

import re

from common.files.paths import CHECKOUT
from workers.recorder.record.recording_states import TABLE, RecordingEvent, RecordingState

_ARROW = re.compile(r"^\s+(\w+) --> (\w+): (.+)$", re.MULTILINE)
ENDS = {RecordingState.FINISHED, RecordingState.CRASHED}


def drawn() -> set[tuple[str, str, str]]:
    """Return (from, event, to) of every arrow; one arrow may carry several events."""
    text = (CHECKOUT / "notes" / "recordings.md").read_text()
    drawing = text[text.index("stateDiagram-v2") :].partition("```")[0]
    arrows = _ARROW.findall(drawing)
    return {(before, event.strip(), after) for before, after, events in arrows for event in events.split(",")}


def test_the_drawing_and_the_table_are_the_same() -> None:
    assert drawn() == {(state.name, event.value, after.name) for (state, event), after in TABLE.items()}


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
