"""What waits for a slow output is bounded, in order, and what was dropped is counted where it is missing."""

from __future__ import annotations

import threading

import pytest

from cli.diagnostics.tap_backlog import BackgroundWriter, Backlog, Entry
from cli.diagnostics.tap_notes import Dropped, LinkLost
from common.messages import Problem
from tests.cli.shared.bus_states import received
from tests.support.waiting import eventually


def message(number: int) -> Entry:
    return received(Problem(code=str(number), worker="x", message="m", remedy="r", at=1.0))


def test_what_does_not_fit_is_dropped_and_said_at_its_place() -> None:
    backlog = Backlog(most=2)
    sent = [message(number) for number in range(5)]
    for entry in sent:
        backlog.put(entry)
    first = backlog.take()
    assert first[:2] == sent[:2]
    assert [(type(note), note.messages) for note in first[2:]] == [(Dropped, 3)]
    backlog.put(sent[0])
    assert backlog.take() == [sent[0]]
    assert backlog.messages == 3


def test_a_note_always_fits_and_comes_after_what_was_dropped_before_it() -> None:
    backlog = Backlog(most=1)
    for entry in (message(1), message(2), LinkLost(at=9.0), message(3)):
        backlog.put(entry)
    kinds = [type(entry).__name__ for entry in backlog.take()]
    assert kinds == ["Received", "Dropped", "LinkLost", "Dropped"]


def test_a_writer_that_stands_still_delays_nobody() -> None:
    go_on, written = threading.Event(), list[Entry]()

    def write(entry: Entry) -> None:
        assert go_on.wait(60)
        written.append(entry)

    writer = BackgroundWriter(write, most=10)
    for number in range(1000):
        writer.put(message(number))
    assert not writer.end(0.01)
    go_on.set()
    assert writer.end(60)
    dropped = sum(entry.messages for entry in written if isinstance(entry, Dropped))
    assert dropped + writer.messages == 1000
    assert dropped >= 900


def test_an_output_that_fails_is_told_to_who_puts_and_to_who_ends() -> None:
    def write(_: Entry) -> None:
        raise BrokenPipeError

    writer = BackgroundWriter(write)
    writer.put(message(1))
    eventually(lambda: writer._error, "it has failed")
    with pytest.raises(BrokenPipeError):
        writer.put(message(2))
    with pytest.raises(BrokenPipeError):
        writer.end()
