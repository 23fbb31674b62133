"""The recordings on the disk: listed, found by name only, renamed, deleted, exported."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from common.errors import PartylineError
from common.messages import RecordingEntry
from common.system import file_manager
from tests.contract.rules import refusal
from tests.workers.recorder.clip.made_clips import made_cut
from workers.recorder.clip.clip_folder import write_clip
from workers.recorder.library import recording_library
from workers.recorder.library.exporter import export
from workers.recorder.library.recording_library import RecordingLibrary
from workers.recorder.record.recording_folder import RecordingFolder
from workers.recorder.repair import repair

ENDED = 1_800_000_000.0


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return Path(write_clip(tmp_path, made_cut(1), ENDED, 0).folder)


@pytest.fixture
def library(tmp_path: Path) -> RecordingLibrary:
    return RecordingLibrary(tmp_path)


def refused(code: str, job: object, *arguments: object) -> None:
    with pytest.raises(PartylineError) as raised:
        job(*arguments)
    refusal(raised.value)
    assert raised.value.code == code


def test_the_newest_comes_first_with_what_it_is(library: RecordingLibrary, clip: Path, tmp_path: Path) -> None:
    running = RecordingFolder.create(tmp_path, "raid", ENDED + 60)
    (tmp_path / "notes").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "session.json").write_text("{")
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "session.json").write_text('{"format": 99, "started_at": 0}')
    found = library.scan()
    states = {entry.recording: entry.state for entry in found.recordings}
    assert states == {running.path.name: "recording", clip.name: "finished", "broken": "interrupted", "newer": "newer"}
    of_clip = next(entry for entry in found.recordings if entry.recording == clip.name)
    assert (of_clip.kind, of_clip.party, of_clip.seconds) == ("clip", "Friday raid", 1.056)
    assert [(file.file, file.title) for file in of_clip.files] == [
        ("mix.flac", "mix"), ("Bo-Streams.flac", "Bo-Streams"), ("Cleo_99.flac", "Cleo_99")
    ]  # fmt: skip
    assert of_clip.size_bytes == sum(path.stat().st_size for path in clip.iterdir())
    assert library.scan() == found, "what is recorded changes the list only by its files and marks"
    running.close()
    assert {entry.recording: entry.state for entry in library.scan().recordings}[running.path.name] == "interrupted"
    repair(clip)
    of_clip = next(entry for entry in library.scan().recordings if entry.recording == clip.name)
    assert [file.file for file in of_clip.files[:2]] == ["clip.m4a", "mix.flac"]


def test_a_folder_that_is_not_there_has_no_recordings(tmp_path: Path) -> None:
    assert RecordingLibrary(tmp_path / "none").scan().recordings == ()


def test_a_folder_that_cannot_be_read_hides_no_other(
    library: RecordingLibrary, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(write_clip(tmp_path, made_cut(1), ENDED, 0).folder)

    def entry(folder: Path) -> RecordingEntry:
        if folder == other:
            raise PermissionError(13, "Permission denied")
        return RecordingEntry(recording=folder.name)

    monkeypatch.setattr(recording_library, "entry_of", entry)
    assert [entry.recording for entry in library.scan().recordings] == [clip.name]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc", "no-such", "a\0b", ".2026-clip.part"])
def test_a_name_is_never_a_path(library: RecordingLibrary, clip: Path, name: str) -> None:
    (clip.parent.parent / "x").mkdir(exist_ok=True)
    refused("recorder.no-recording", library.find, name)
    refused("recorder.no-recording", library.delete, name)
    refused("recorder.no-recording", library.rename, name, "x")
    for file in ("../x", "/etc/passwd", "session.json", "labels.txt"):
        refused("recorder.no-file", library.file, clip.name, file)


def test_a_recording_is_renamed_and_keeps_its_date(library: RecordingLibrary, clip: Path) -> None:
    folder = library.rename(clip.name, "Boss fight!")
    assert folder.name == clip.name.removesuffix("-clip") + "-Boss-fight"
    assert [entry.name for entry in library.scan().recordings] == ["Boss fight!"]
    assert library.rename(folder.name, "../../etc").parent == clip.parent
    library.rename(library.scan().recordings[0].recording, "")
    assert [entry.recording for entry in library.scan().recordings] == [clip.name.removesuffix("-clip")]


def test_what_is_recorded_is_neither_renamed_nor_deleted_nor_exported(
    library: RecordingLibrary, tmp_path: Path
) -> None:
    running = RecordingFolder.create(tmp_path, "raid", ENDED)
    refused("recorder.busy", library.rename, running.path.name, "x")
    refused("recorder.busy", library.delete, running.path.name)
    refused("recorder.busy", export, running.path, "lof")
    running.close()
    refused("recorder.no-file", export, running.path, "lof")


def test_a_deleted_recording_goes_to_the_trash(
    library: RecordingLibrary, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trashed: list[Path] = []
    monkeypatch.setattr(file_manager.send2trash, "send2trash", trashed.append)
    library.delete(clip.name)
    assert trashed == [clip]

    def none(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file_manager.send2trash, "send2trash", none)
    refused("system.no-trash", library.delete, clip.name)
    assert clip.exists()
    library.delete(clip.name, for_good=True)
    assert not clip.exists()


def test_a_recording_is_exported_beside_its_files(library: RecordingLibrary, clip: Path) -> None:
    assert [path.name for path in export(clip, "opus", each=True)] == ["mix.opus", "Bo-Streams.opus", "Cleo_99.opus"]
    with av.open(str(clip / "mix.opus")) as copy:
        assert float(copy.duration / av.time_base) == pytest.approx(1.056, abs=0.05)
    assert 'file "mix.flac" offset 0' in export(clip, "lof")[0].read_text()
    assert export(clip, "rpp")[0].read_text().count("<TRACK") == 3
    refused("recorder.no-marks", export, clip, "chapters")
    index = clip / "session.json"
    marks = b'"marks": [{"at": 0.5, "clock": 0, "text": "a; b=c"}]'
    index.write_bytes(index.read_bytes().replace(b'"marks": []', marks))
    assert export(clip, "chapters")[0].name == "chapters.json"
    with av.open(str(export(clip, "ffmetadata")[0]), format="ffmetadata") as read:
        assert [chapter["metadata"]["title"] for chapter in read.chapters()] == ["Beginning", "a; b=c"]
        assert [chapter["start"] for chapter in read.chapters()] == [0, 500]
    assert library.scan().recordings[0].marks == 1
