"""Which folders launchd's processes may not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.system.protected_folders import protected_by

ANN = Path("/Users/ann")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/Users/ann/Desktop/partyline", "the Desktop folder"),
        ("/Users/ann/Documents", "the Documents folder"),
        ("/Users/ann/Downloads/partyline-main", "the Downloads folder"),
        ("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/partyline", "iCloud Drive"),
        ("/Users/ann/Library/CloudStorage/Dropbox/partyline", "a cloud drive"),
        ("/Volumes/Stick/partyline", "an external disk"),
        ("/Users/ann/partyline", ""),
        ("/Users/ann/Documents of mine/partyline", ""),
        ("/Users/bob/Desktop/partyline", ""),
        ("/Users/ann/Library/Application Support/partyline", ""),
    ],
)
def test_where_a_service_may_not_read_on_macos(path: str, words: str) -> None:
    assert protected_by(Path(path), ANN, "darwin") == words


def test_linux_protects_none() -> None:
    assert protected_by(ANN / "Desktop", ANN, "linux") == ""
