"""The drawing in notes/voice.md shows the table, all of it and nothing else."""

from __future__ import annotations

from tests.notes.drawings import drawn
from workers.audio.play.output_states import TABLE, OutputEvent, OutputState


def test_the_drawing_and_the_table_are_the_same() -> None:
    assert drawn("voice.md", "[*] --> OPENING") == {
        (state.name, event.value, after.name) for (state, event), after in TABLE.items()
    }


def test_every_state_is_reached_and_left_and_every_event_happens() -> None:
    reached = {OutputState.OPENING}
    while more := {after for (state, _), after in TABLE.items() if state in reached} - reached:
        reached |= more
    assert reached == {state for state, _ in TABLE} == set(OutputState)
    assert {event for _, event in TABLE} == set(OutputEvent)


def test_a_sink_that_stalled_plays_only_after_its_proof() -> None:
    after_stall = {after for (_, event), after in TABLE.items() if event is OutputEvent.OPENED_AFTER_STALL}
    assert after_stall == {OutputState.PROVING}
    to_playing = {event for (state, event), after in TABLE.items() if after is OutputState.PLAYING}
    assert to_playing == {OutputEvent.OPENED, OutputEvent.STEADY}
