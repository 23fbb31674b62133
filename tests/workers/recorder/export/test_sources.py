from __future__ import annotations

from pathlib import Path

from workers.recorder.export.audio_copy import Chapter
from workers.recorder.export.sources import BEGINNING, chapters, clip_copy, title
from workers.recorder.files.index_format import IndexFile, IndexTalker, Mark


def index(*marks: tuple[float, str], **more: object) -> IndexFile:
    found = [Mark(at=at, clock=0.0, text=text) for at, text in marks]
    return IndexFile(started_at=0.0, seconds=10.0, marks=found, **more)


def test_a_chapter_lasts_from_its_mark_to_the_next_one() -> None:
    assert chapters(index((2.0, "one"), (5.0, ""))) == [
        Chapter(0.0, 2.0, BEGINNING), Chapter(2.0, 5.0, "one"), Chapter(5.0, 10.0, "Mark 2")
    ]  # fmt: skip
    assert chapters(index((0.0, "one"))) == [Chapter(0.0, 10.0, "one")]
    assert chapters(index((11.0, "after the end"))) == []
    assert chapters(index()) == []


def test_a_copy_of_a_clip_is_its_mix_and_without_one_the_sum_of_its_talkers(tmp_path: Path) -> None:
    session = index(mix="mix.flac", talkers=[IndexTalker(account_id="2", online_id="Bo", file="Bo.flac")], kind="clip")
    (tmp_path / "Bo.flac").touch()
    assert clip_copy(tmp_path, session, 10.0).sources == [tmp_path / "Bo.flac"]
    (tmp_path / "mix.flac").touch()
    assert clip_copy(tmp_path, session, 10.0).sources == [tmp_path / "mix.flac"]


def test_a_title_says_what_and_when() -> None:
    assert title(index(party="Friday raid", name="boss")).startswith("Friday raid · boss · Recording of 19")
    assert title(index(kind="clip", name="clip")).startswith("Clip of 19")
