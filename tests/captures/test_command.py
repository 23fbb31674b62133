"""`partyline capture`: two lines when it fails, and what could be read is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from captures import folder
from cli import __main__ as entry_point
from tests.captures.planted import PLACES, SECRETS, entry
from tests.captures.planted import har as har_of


@pytest.fixture
def partyline(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path / "home"))

    def run(*words):
        code = entry_point.main(["capture", *map(str, words)])
        return code, *capsys.readouterr()

    return run


def test_a_har_becomes_a_folder_that_passes(partyline, tmp_path):
    (tmp_path / "my.har").write_text(har_of([PLACES["SDP in miranda"](SECRETS["online id"])]))
    code, out, err = partyline("scrub", tmp_path / "my.har")
    place = tmp_path / "home" / "captures" / "my"
    assert (code, err) == (0, "")
    assert str(place) in out
    code, out, _ = partyline("verify", place)
    assert code == 0
    assert "looks like personal data" in out


def test_a_truncated_har_is_two_lines_and_what_could_be_read_is_kept(partyline, tmp_path):
    text = har_of([entry(), entry()])
    (tmp_path / "my.har").write_text(text[:-40])
    code, _, err = partyline("scrub", tmp_path / "my.har", "--out", tmp_path / "kept")
    assert code == 1
    assert len(err.splitlines()) == 2
    assert "damaged or cut off" in err.splitlines()[0]
    assert str(tmp_path / "kept") in err.splitlines()[1]
    assert len(folder.read(tmp_path / "kept")[0].exchanges) == 1


def test_verify_lists_by_shape_what_is_left_and_exits_with_1(partyline, tmp_path):
    (tmp_path / "my.har").write_text(har_of([entry(answer='{"name":"x"}')]))
    partyline("scrub", tmp_path / "my.har", "--out", tmp_path / "c")
    file: Path = tmp_path / "c" / folder.EXCHANGES
    file.write_text(file.read_text().replace('"data":{"name":"', '"data":{"name":"Zorblax-Quux77'))
    code, out, err = partyline("verify", tmp_path / "c")
    assert code == 1
    assert "exchange 0  a word  xxxxxxx" in out
    assert "Zorblax" not in out + err
    assert len(err.splitlines()) == 2
    code, out, _ = partyline("verify", tmp_path / "c", "--json")
    assert code == 1
    assert json.loads(out)[0]["where"] == "exchange 0"


@pytest.mark.parametrize("words", [[], ["scrub"], ["frob"], ["verify", "x", "--frob"]])
def test_what_is_not_understood_is_two_lines_and_exit_code_2(words, partyline):
    code, out, err = partyline(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2


def test_a_missing_file_is_two_lines(partyline, tmp_path):
    code, _, err = partyline("scrub", tmp_path / "gone.har")
    assert code == 1
    assert len(err.splitlines()) == 2
