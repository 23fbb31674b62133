"""`partyline do`: what its words mean, and where it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.__main__ import main
from cli.api.do import fields
from cli.api.opening import opened
from cli.shared.failures import NotRunningError, UsageError
from integrations.client.access import ApiAccess, ApiAccessError, access
from tests.support.processes import free_port


def test_values_are_json_or_text() -> None:
    words = ["peer=3456789012345678901.PS5", "muted=true", "gain_db=-3.5", "name=Friday raid", 'people=["a"]']
    assert fields(words) == {
        "peer": "3456789012345678901.PS5", "muted": True, "gain_db": -3.5, "name": "Friday raid", "people": ["a"],
    }  # fmt: skip
    assert fields(["account_id=3456789012345678901", "empty="]) == {"account_id": "3456789012345678901", "empty": ""}


@pytest.mark.parametrize("word", ["muted", "=true"])
def test_a_word_that_is_no_field(word: str) -> None:
    with pytest.raises(UsageError):
        fields([word])


def test_another_machine_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTYLINE_API_URL", "http://studio-mini.local:8770/")
    with pytest.raises(ApiAccessError, match="PARTYLINE_API_KEY is not"):
        access()
    monkeypatch.setenv("PARTYLINE_API_KEY", "pl.1.2")
    assert access() == ApiAccess("http://studio-mini.local:8770", "pl.1.2")
    assert access().events_url == "ws://studio-mini.local:8770/api/v1/events"
    assert "pl.1.2" not in repr(access())


def test_without_a_pipeline_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_DASHBOARD__PORT", str(free_port()))
    with pytest.raises(NotRunningError):
        opened()


def test_keys_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    assert main(["api", "key", "list"]) == 0
    assert "partyline api key add" in capsys.readouterr().out
    assert main(["api", "key", "add", "Stream Deck"]) == 0
    made = capsys.readouterr()
    assert made.out.startswith("pl.")
    assert "“control”" in made.err
    assert main(["api", "key", "list"]) == 0
    listed = capsys.readouterr().out
    assert "Stream Deck" in listed
    assert "never" in listed
    assert made.out.strip() not in listed
    assert main(["api", "key", "rename", "stream deck", "Deck"]) == 0
    assert main(["api", "key", "rename", "Deck", "Stream Deck"]) == 0
    assert main(["api", "key", "remove", "stream deck"]) == 0
    assert main(["api", "key", "remove", "stream deck"]) == 1
    assert "there are none" in capsys.readouterr().err
