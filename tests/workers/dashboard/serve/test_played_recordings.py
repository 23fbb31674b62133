"""Which files get an address. test_page_server.py plays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.errors import PartylineError
from common.messages import RecordedFile, RecordingEntry, RecordingList
from tests.contract.rules import refusal
from workers.dashboard.serve.played_recordings import MOST, PATH, PlayedRecordings


@pytest.fixture
def listed(tmp_path: Path) -> RecordingList:
    root = tmp_path / "recordings"
    (root / "raid").mkdir(parents=True)
    (root / "raid" / "mix.flac").touch()
    (tmp_path / "secret.flac").touch()
    (root / "raid" / "link.flac").symlink_to(tmp_path / "secret.flac")
    files = tuple(RecordedFile(file=name, title="x") for name in ("mix.flac", "link.flac", "gone.flac"))
    return RecordingList(folder=str(root), recordings=(RecordingEntry(recording="raid", files=files),))


@pytest.mark.parametrize(
    ("recording", "file"),
    [
        ("raid", "session.json"),
        ("raid", "../../secret.flac"),
        ("..", "secret.flac"),
        ("raid", "link.flac"),
        ("raid", "gone.flac"),
        ("", ""),
        ("other", "mix.flac"),
    ],
)
def test_only_a_file_that_is_listed_and_there_gets_an_address(listed: RecordingList, recording: str, file: str) -> None:
    with pytest.raises(PartylineError) as raised:
        PlayedRecordings(lambda: listed).address_of(recording, file)
    refusal(raised.value)


def test_an_address_cannot_be_guessed_and_the_oldest_becomes_void(listed: RecordingList) -> None:
    played = PlayedRecordings(lambda: listed)
    drawn = [played.address_of("raid", "mix.flac") for _ in range(MOST + 1)]
    assert len(set(drawn)) == MOST + 1
    assert all(address.startswith(PATH) and len(address) == len(PATH) + 40 for address in drawn)
    assert set(played._addresses) == {address.removeprefix(PATH) for address in drawn[1:]}


def test_without_a_list_there_is_no_address() -> None:
    with pytest.raises(PartylineError):
        PlayedRecordings(lambda: None).address_of("raid", "mix.flac")
