"""`partyline recordings` without a pipeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.sound import recordings
from common.errors import PartylineError
from common.system import file_manager
from tests.workers.recorder.clip.made_clips import made_cut
from workers.recorder.clip.clip_folder import write_clip


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    return Path(write_clip(tmp_path / "recordings", made_cut(1), 1_800_000_000.0, 0).folder)


def run(*words: str) -> int:
    return recordings.COMMANDS["recordings"].execute("recordings", list(words))


def test_they_are_listed_with_or_without_the_word(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["list"]):
        assert run(*words) == 0
        out = capsys.readouterr().out
        assert clip.name in out
        assert out.rstrip().endswith(f"They are in {clip.parent}.")
    assert run("list", "--json") == 0
    assert [entry["recording"] for entry in json.loads(capsys.readouterr().out)["recordings"]] == [clip.name]


def test_one_is_played_shown_renamed_exported_and_deleted(
    clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, Path]] = []
    for name in ("play", "reveal", "trash"):
        monkeypatch.setattr(file_manager, name, lambda path, name=name: opened.append((name, path)))
    assert run("play", clip.name, "Bo-Streams.flac") == 0
    assert run("reveal", "last") == 0
    assert run("export", "last", "rpp") == 0
    assert str(clip / "recording.rpp") in capsys.readouterr().out
    assert run("rename", "last", "Boss") == 0
    renamed = clip.with_name(clip.name.removesuffix("-clip") + "-Boss")
    assert run("delete", renamed.name) == 0
    assert opened == [("play", clip / "Bo-Streams.flac"), ("reveal", clip), ("trash", renamed)]
    assert run("delete", "--for-good", "last") == 0
    assert not renamed.exists()
    with pytest.raises(PartylineError, match="no recording"):
        run("play", "last")
