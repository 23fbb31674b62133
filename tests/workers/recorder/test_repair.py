"""Folders that somebody else made, or damaged: what `session.json` says is not believed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from common.errors import PartylineError
from workers.recorder.files.index_format import load
from workers.recorder.files.track import TrackFile
from workers.recorder.record.recording_folder import RecordingFolder
from workers.recorder.repair import MOST_ADDED_S, repair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "recording"
    made.mkdir()
    TrackFile.create(made / "Bo.flac", {"TITLE": "Bo"}).close()
    return made


def says(folder: Path, **session: object) -> None:
    talker = {"account_id": "2", "file": "Bo.flac"}
    told = {"started_at": 1.8e9, "talkers": [talker], **session}
    (folder / "session.json").write_bytes(msgspec.json.encode(told))


@pytest.mark.parametrize("file", ["../x.flac", "/etc/passwd", "a/b.flac", "..\\x.flac", "x\x00.flac", "notes.txt"])
def test_a_file_outside_the_folder_is_not_touched(folder: Path, file: str) -> None:
    outside = folder.parent / "x.flac"
    TrackFile.create(outside, {"TITLE": "x"}).close()
    before = outside.read_bytes()
    says(folder, talkers=[{"account_id": "2", "file": file}], seconds=3.0)
    report = repair(folder)
    assert outside.read_bytes() == before
    assert [mended.file for mended in report.files] == ["Bo.flac"]
    assert (folder / "session.json.bad").exists()


def test_an_index_that_tells_of_a_year_fills_no_disk(folder: Path) -> None:
    says(folder, seconds=3e7)
    report = repair(folder)
    assert report.seconds <= MOST_ADDED_S
    assert (folder / "Bo.flac").stat().st_size < 5_000_000


@pytest.mark.parametrize("seconds", [1e12, -1.0])
def test_a_length_that_no_recording_has_is_no_index(folder: Path, seconds: float) -> None:
    says(folder, seconds=seconds)
    with pytest.raises(ValueError, match="no recording lasts"):
        load((folder / "session.json").read_bytes())
    assert repair(folder).files


def test_what_cannot_be_taken_up_lets_go_of_its_lock(folder: Path) -> None:
    (folder / "session.json").write_bytes(b'{"name": "\xe9"}')
    with pytest.raises(ValueError, match="utf-8"):
        RecordingFolder.resume(folder)
    try:
        repair(folder)
    except PartylineError as error:  # pragma: no cover
        pytest.fail(f"the folder is still locked: {error.message}")
