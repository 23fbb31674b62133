from __future__ import annotations

from workers.audio.play.elsewhere import told
from workers.audio.sinks import SinkError

GONE = SinkError("audio.no-device", "There is no device.", "Connect one.")


def test_without_a_page_it_is_an_error_whose_cures_are_named() -> None:
    found = told(GONE, 0)
    assert (found.severity, found.health, found.message) == ("error", "degraded", "There is no device.")
    assert found.remedy.startswith("Connect one.")
    assert "`partyline config set audio.sink null`" in found.remedy


def test_with_a_page_it_is_a_note_with_the_reason() -> None:
    found = told(GONE, 1)
    assert (found.severity, found.health) == ("note", "running")
    assert found.message == "1 page plays the voices, and no sound device does. There is no device."
    assert told(GONE, 3).message.startswith("3 pages play the voices")


def test_a_file_that_cannot_be_written_is_an_error_whoever_listens() -> None:
    found = told(SinkError("audio.file", "The disk is full.", "Make room."), 2)
    assert found == ("The disk is full.", "Make room.", "error", "degraded")
