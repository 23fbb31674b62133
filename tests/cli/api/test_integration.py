"""`partyline integration`: the list, an example, a check."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.__main__ import main
from integrations.catalogue import WORDS
from tests.support.processes import free_port


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_OBS__PORT", str(free_port()))


def test_they_are_listed_and_those_that_start_are_marked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTYLINE_INTEGRATIONS__RUN", "veadotube")
    assert main(["integration"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert set(WORDS) <= {line.split()[0] for line in lines}
    assert [line.split()[0] for line in lines if "with the pipeline" in line] == ["veadotube"]


def test_the_example_is_what_the_check_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["integration", "obs_rules", "--check"]) != 0
    assert "--example" in capsys.readouterr().err
    assert main(["integration", "obs_rules", "--example"]) == 0
    example = capsys.readouterr().out
    (tmp_path / "obs-rules.toml").write_text(example)
    assert main(["integration", "obs_rules", "--check"]) == 0
    assert "When Bo-Streams speaks" in capsys.readouterr().out
    (tmp_path / "obs-rules.toml").write_text(example.replace("hold_s", "hold_seconds"))
    assert main(["integration", "obs_rules", "--check"]) != 0
    assert "line 12" in capsys.readouterr().err


def test_one_without_a_file_has_no_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["integration", "streamerbot", "--example"]) == 0
    assert capsys.readouterr().out.startswith("#")
    assert main(["integration", "streamerbot", "--check"]) == 0
    assert "partyline_speaks" in capsys.readouterr().out
