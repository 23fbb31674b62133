"""One holder at a time, also among those of one process; who cannot have it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.files.lock import locked


def test_it_is_held_once_and_given_up(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with (
        locked(file, tries=1, pause_s=0),
        pytest.raises(BlockingIOError),
        locked(file, tries=3, pause_s=0.001),
    ):
        raise AssertionError("it is held twice")
    with locked(file, tries=1, pause_s=0) as handle:
        assert handle > 0


def test_where_there_is_no_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path / "none" / "lock", tries=1, pause_s=0):
        raise AssertionError("it is held")
