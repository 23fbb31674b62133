from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workers.recorder.files.naming import file_name, folder_name


@pytest.mark.parametrize(
    ("online_id", "file"),
    [
        ("Bo-Streams", "Bo-Streams.flac"),
        ("../../etc/passwd", "etc-passwd.flac"),
        ("Zoë / ß\x00\n", "Zoe.flac"),
        ("日本", "42.flac"),
        ("", "42.flac"),
        ("Mix", "Mix-2.flac"),
        ("x" * 300, "x" * 40 + ".flac"),
        (".hidden", "hidden.flac"),
    ],
)
def test_a_talkers_file_is_named_so_that_every_disk_takes_it(online_id: str, file: str) -> None:
    assert file_name("42", online_id, ()) == file


def test_names_that_differ_only_in_case_get_different_files():
    assert file_name("1", "BO", {"bo", "bo-2"}) == "BO-3.flac"


def test_two_recordings_of_one_second_get_different_folders():
    at = datetime(2026, 11, 26, 20, 15, tzinfo=UTC)
    assert folder_name(at, "", ()) == "2026-11-26_20-15-00"
    assert folder_name(at, "Friday raid!", {"2026-11-26_20-15-00-friday-raid"}) == "2026-11-26_20-15-00-Friday-raid-2"
