"""The drawing in notes/voice.md shows the table, all of it and nothing else."""

from __future__ import annotations

import re

from common.files.paths import CHECKOUT
from workers.audio.play.output_states import TABLE, OutputEvent, OutputState

_ARROW = re.compile(r"^\s+(\w+) --> (\w+): (.+)$", re.MULTILINE)


def drawn() -> set[tuple[str, str, str]]:
    """Return (from, event, to) of every arrow; one arrow may carry several events."""
    text = (CHECKOUT / "notes" / "voice.md").read_text()
    drawing = text[text.index("[*] --> OPENING") :].partition("```")[0]
    arrows = _ARROW.findall(drawing)
    return {(before, event.strip(), after) for before, after, events in arrows for event in events.split(",")}


def test_the_drawing_and_the_table_are_the_same() -> None:
    assert drawn() == {(state.name, event.value, after.name) for (state, event), after in TABLE.items()}


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
