"""`partyline logs`: lines in words, from several files, also while they grow and are turned over."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.diagnostics.log_lines import read
from cli.diagnostics.logs import Tail
from cli.shared.terminal import Style
from common.files.paths import Paths

PLAIN = Style(on=False)


def record(event: str, at: str = "2026-11-28T10:00:00Z", **more: object) -> str:
    return json.dumps({"event": event, "level": "info", "timestamp": at, "worker": "media", **more})


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    paths = Paths.of_environment()
    paths.make()
    return paths


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (record("running"), ["11-28 10:00:00  media      running"]),
        (record("held back", level="warning", wait_s=3), ["11-28 10:00:00  media      warning: held back  wait_s=3"]),
        (record("x", why="two words"), ['11-28 10:00:00  media      x  why="two words"']),
        (
            record("x", exception="Trace\nValueError: y"),
            ["11-28 10:00:00  media      x", "    Trace", "    ValueError: y"],
        ),
        ("2026-11-28 10:00:01,5 INFO no", [" " * 14 + "  media      2026-11-28 10:00:01,5 INFO no"]),
        ("2026-11-28 10:00:01,500 WARN killing", ["11-28 10:00:01  media      warning: killing"]),
        ('{"event": "cut', [" " * 14 + '  media      {"event": "cut']),
        (record("\x1b[2Jgone"), ["11-28 10:00:00  media      " + "\N{REPLACEMENT CHARACTER}[2Jgone"]),
        (record("x", password="hunter2hunter2", note="Bearer abcdef"), None),
    ],
)
def test_a_line_in_words(paths, raw, shown):
    (line,) = read("media", [raw])
    if shown is None:
        assert "abcdef" not in "".join(line.shown(PLAIN))
    else:
        assert line.shown(PLAIN) == shown


def test_a_line_without_a_time_stays_behind_the_one_before_it(paths, capsys):
    (paths.log / "media.log").write_text(
        record("first") + "\nTraceback of C\n" + record("third", "2026-11-28T10:00:09Z")
    )
    (paths.log / "auth.log").write_text(record("second", "2026-11-28T10:00:05Z") + "\n")
    assert main(["logs"]) == 0
    told = [line.split(maxsplit=3)[3] for line in capsys.readouterr().out.splitlines()]
    assert told == ["first", "Traceback of C", "second", "third"] or [t.split()[-1] for t in told] == [
        "first", "C", "second", "third",
    ]  # fmt: skip
    assert main(["logs", "auth", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["event"] == "second"
    assert main(["logs", "--last", "1"]) == 0
    assert "third" in capsys.readouterr().out
    assert main(["logs", "--level", "error"]) == 0
    assert capsys.readouterr().out == ""


def test_a_log_that_is_not_there_is_named(paths, capsys):
    assert main(["logs"]) == 1
    assert "no logs in" in capsys.readouterr().err
    (paths.log / "media.log").touch()
    assert main(["logs", "nix"]) == 2
    assert "There are: media." in capsys.readouterr().err


def test_a_growing_file_is_followed_over_its_turn(tmp_path):
    file = tmp_path / "media.log"
    file.write_text(record("one") + "\n" + record("tw")[:20])
    tail = Tail(file)
    try:
        assert [line.text for line in tail.lines()] == ["one"]
        with file.open("a") as out:
            out.write(record("tw")[20:] + "\n")
        assert [line.text for line in tail.lines()] == ["tw"]
        with file.open("a") as out:
            out.write(record("last of the old") + "\n")
        file.rename(tmp_path / "media.log.1")
        assert [line.text for line in tail.lines()] == ["last of the old"]
        file.write_text(record("first of the new") + "\n")
        assert [line.text for line in tail.lines()] == ["first of the new"]
    finally:
        tail.close()
