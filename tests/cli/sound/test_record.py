"""What `partyline record status` says."""

from __future__ import annotations

from cli.sound.record import lines
from common.messages import RecordedTalker, Recording

TALKER = RecordedTalker(account_id="2", online_id="Bo-Streams", file="Bo-Streams.flac")


def test_a_running_recording_lists_its_files():
    found = lines(
        Recording(
            state="recording", folder="/r/x", seconds=90.0, size_bytes=7 * 10**6, free_bytes=10**9, talkers=(TALKER,)
        )
    )
    assert found[0] == "Recording for 1 min into /r/x."
    assert found[1] == "7.0 MB so far, 1000 MB free, 0 marks."
    assert found[-1].split() == ["Bo-Streams", "Bo-Streams.flac"]


def test_a_warning_of_the_recorder_is_a_sentence():
    assert "The disk is nearly full." in lines(Recording(state="recording", detail="the disk is nearly full"))


def test_without_a_recording_the_last_one_is_named_with_the_reason_of_its_end():
    assert lines(Recording(state="idle")) == ["No recording is running."]
    assert lines(Recording(state="stopped", folder="/r/x", detail="The disk is full")) == [
        "No recording is running. The last recording is in /r/x. It stopped by itself: The disk is full."
    ]
