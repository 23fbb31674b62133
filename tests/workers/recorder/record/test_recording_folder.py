"""The labels of speech: each line once and whole, whatever a kill or a full disk left of the one before."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from common.messages import Member
from workers.recorder.record import recording_folder
from workers.recorder.record.recording_folder import SPEECH, RecordingFolder


@pytest.fixture
def recording(tmp_path: Path) -> RecordingFolder:
    made = RecordingFolder.create(tmp_path, "x", 1000.0)
    made.index.record_party("Party", [Member(account_id="1", online_id="Zoë", platform="ps5")], 0.0)
    return made


def lines(recording: RecordingFolder) -> list[str]:
    return (recording.path / SPEECH).read_text("utf-8").splitlines()


def test_a_line_that_a_kill_tore_spoils_no_other(recording: RecordingFolder) -> None:
    recording.index.record_speech("1", 1.0, 2.0)
    recording.save()
    file = recording.path / SPEECH
    for torn in (b"3.0000", b"3.000000\t4.000000\tZo\xc3"):
        with file.open("ab") as left:
            left.write(torn)
        recording.index.record_speech("1", 5.0, 6.0)
        recording.save()
    assert lines(recording) == ["1.000000\t2.000000\tZoë", *["5.000000\t6.000000\tZoë"] * 2]


def test_who_spoke_when_is_for_the_owner_only_as_the_sound_is(recording: RecordingFolder) -> None:
    before = os.umask(0o022)
    try:
        recording.index.record_speech("1", 1.0, 2.0)
        recording.save()
    finally:
        os.umask(before)
    assert (recording.path / SPEECH).stat().st_mode & 0o777 == 0o600


def test_lines_that_a_full_disk_refuses_are_written_once_it_has_room(
    recording: RecordingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording.index.record_speech("1", 1.0, 2.0)
    append = recording_folder._append_lines

    def full(path: Path, labels: str) -> None:
        raise OSError(errno.ENOSPC, f"No space left for {labels!r}", str(path))

    monkeypatch.setattr(recording_folder, "_append_lines", full)
    with pytest.raises(OSError, match="No space"):
        recording.save()
    recording.index.record_speech("1", 3.0, 4.0)
    monkeypatch.setattr(recording_folder, "_append_lines", append)
    recording.save()
    assert lines(recording) == ["1.000000\t2.000000\tZoë", "3.000000\t4.000000\tZoë"]
