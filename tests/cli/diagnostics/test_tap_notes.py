"""Notes of a reading: only a link that was up can be lost, and only a lost one comes back."""

from __future__ import annotations

from cli.diagnostics.tap_notes import Dropped, End, LinkBack, LinkLost, LinkNotes, words


def test_the_first_connection_is_no_news_and_a_try_that_fails_is_no_loss() -> None:
    notes = LinkNotes()
    assert notes.note(up=False, at=1.0) is None
    assert notes.note(up=True, at=2.0) is None
    assert notes.note(up=True, at=2.5) is None


def test_a_loss_is_told_once_and_so_is_its_end() -> None:
    notes = LinkNotes()
    notes.note(up=True, at=1.0)
    assert notes.note(up=False, at=5.0) == LinkLost(at=5.0)
    assert notes.note(up=False, at=6.0) is None
    assert notes.note(up=True, at=12.5) == LinkBack(at=12.5, lost_s=7.5)
    assert notes.note(up=True, at=13.0) is None
    assert notes.note(up=False, at=20.0) == LinkLost(at=20.0)


def test_the_time_of_a_loss_counts_from_the_last_message() -> None:
    notes = LinkNotes()
    notes.note(up=True, at=1.0)
    notes.last_at = 4.0
    assert notes.note(up=False, at=10.0) == LinkLost(at=10.0)
    assert notes.note(up=True, at=14.0) == LinkBack(at=14.0, lost_s=10.0)


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    notes = LinkNotes()
    notes.note(up=True, at=1.0)
    notes.note(up=False, at=5.0)
    assert notes.note(up=True, at=3.0) == LinkBack(at=3.0, lost_s=0.0)


def test_words() -> None:
    assert words(LinkLost(at=1.0), "spare") == "The link to spare is lost. It is tried again by itself."
    assert "spare is back after 8 s" in words(LinkBack(at=1.0, lost_s=8.2), "spare")
    assert words(Dropped(at=1.0, messages=1), "spare").startswith("1 message dropped")
    assert "2 messages" in words(End(at=1.0, why="time", messages=2), "spare")
