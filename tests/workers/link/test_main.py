"""When there is a link at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.link.__main__ import is_wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", False),
        ('[split]\nmachine = "spare"', True),
        ('[split]\nmachine = "desk"\nside = "spare"', False),
        ('[split]\nmachine = "spare"\ndesk = ["obs"]', True),  # the worker says what is wrong
    ],
)
def test_the_desk_of_a_split_has_one(text: str, wanted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    (tmp_path / "partyline.toml").write_text(text)
    assert is_wanted() is wanted
