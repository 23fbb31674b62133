"""Project files as the programs that they are for read them: by a parser of theirs, else by their published grammar."""

from __future__ import annotations

import json
import re

import pytest
import rpp

from workers.recorder.export import project_files
from workers.recorder.export.audio_copy import Chapter

FILES = [("mix.flac", "mix"), ("Bo.flac", 'Bo "the" `one`'), ("Cleo_99.flac", "Cleo's")]
MARKS = [(1.5, "first blood"), (2.0, 'it\'s "over" `now`')]


def test_reaper_finds_every_track_at_the_beginning_with_its_file() -> None:
    project = rpp.loads(project_files.rpp(FILES, 12.5, MARKS))
    assert project.tag == "REAPER_PROJECT"
    tracks = project.findall(".//TRACK")
    assert [track.find("ITEM").find("SOURCE").attrib for track in tracks] == [["FLAC"]] * 3
    fields = [{child[0]: child[1] for child in track.find("ITEM") if isinstance(child, list)} for track in tracks]
    assert [(item["POSITION"], float(item["LENGTH"])) for item in fields] == [("0", 12.5)] * 3
    names = [next(child[1] for child in track if isinstance(child, list) and child[0] == "NAME") for track in tracks]
    assert names == ["mix", 'Bo "the" `one`', "Cleo's"]
    files = [track.find("ITEM").find("SOURCE")[0] for track in tracks]
    assert files == [["FILE", file] for file, _ in FILES]
    markers = [child for child in project if isinstance(child, list) and child[0] == "MARKER"]
    assert [(float(marker[2]), marker[3]) for marker in markers] == [(1.5, "first blood"), (2.0, "it's \"over\" 'now'")]


def test_audacity_gets_a_line_for_each_file() -> None:
    lines = project_files.lof([file for file, _ in FILES], 12.5).splitlines()
    assert lines[0] == "window offset 0 duration 12.500000"
    assert [re.fullmatch(r'file "([^"]+)" offset 0', line)[1] for line in lines[1:]] == [file for file, _ in FILES]


@pytest.mark.parametrize("name", ["a\nfile b", 'a" offset 9', "a`b'c\"d"])
def test_no_name_breaks_out_of_its_line(name: str) -> None:
    assert len(project_files.lof([name], 1.0).splitlines()) == 2
    assert project_files.lof([name], 1.0).count('"') == 2
    assert len(rpp.loads(project_files.rpp([(name, name)], 1.0, [(0.0, name)])).findall(".//TRACK")) == 1


def test_chapters_are_those_of_podcasting() -> None:
    told = json.loads(project_files.chapters_json([Chapter(0, 1.5, "Beginning"), Chapter(1.5, 3.0, "Blood")]))
    assert told == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0, "endTime": 1.5, "title": "Beginning"},
            {"startTime": 1.5, "endTime": 3.0, "title": "Blood"},
        ],
    }
