"""The platform's own folders, as they are on each platform."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from platformdirs.macos import MacOS

from common.system import folders


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in folders.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_on_a_mac_they_are_in_the_library(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_DIRS", MacOS(folders.NAME, appauthor=False))
    found = (folders.data(), folders.config(), folders.log(), folders.cache(), folders.recordings())
    assert [str(folder.relative_to(user)) for folder in found] == [
        "Library/Application Support/partyline",
        "Library/Application Support/partyline",
        "Library/Logs/partyline",
        "Library/Caches/partyline",
        "Movies/partyline",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="XDG's folders are Linux's")
def test_on_linux_they_are_where_xdg_says(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (folders.data(), folders.config(), folders.log(), folders.cache(), folders.recordings())
    assert [str(folder.relative_to(user)) for folder in found] == [
        ".local/share/partyline",
        ".config/partyline",
        ".local/state/partyline/log",
        ".cache/partyline",
        "Videos/partyline",
    ]
    monkeypatch.setenv("XDG_STATE_HOME", str(user / "state"))
    assert folders.log() == user / "state/partyline/log"
    assert folders.variables() == {"XDG_STATE_HOME": str(user / "state")}
