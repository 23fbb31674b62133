"""`partyline integration`: the list, an example, a check, and when it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.__main__ import main
from common.errors import PartylineError
from common.files.paths import Paths
from common.run.process import only_one
from integrations import catalogue
from integrations.__main__ import NAME
from integrations.catalogue import WORDS
from tests.support.processes import free_port


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_OBS__PORT", str(free_port()))
    paths = Paths(tmp_path)
    paths.make()
    return paths


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


def test_one_that_runs_with_the_pipeline_is_not_run_twice(paths: Paths, capsys: pytest.CaptureFixture) -> None:
    """Two of them would send everything twice, and at an MQTT broker each ends the other's connection."""
    broker = f'[mqtt]\nhost = "127.0.0.1"\nport = {free_port()}\n'
    paths.settings_file.write_text(f'[integrations]\nrun = ["webhooks"]\n{broker}')
    with only_one(paths.run, NAME) as alone:
        assert alone
        assert main(["integration", "webhooks"]) == 1
        assert "runs with the pipeline already" in capsys.readouterr().err
        assert main(["integration", "mqtt", "--check"]) == 1, "a check, or another one, is no second run"
        assert "FAILS  127.0.0.1" in capsys.readouterr().out
    assert main(["integration", "webhooks"]) == 1
    assert "No webhook is set up." in capsys.readouterr().err


def test_a_check_of_nothing_and_of_what_has_none_is_refused(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert main(["integration", "--check"]) == 2
    assert "the name is missing" in capsys.readouterr().err
    monkeypatch.delattr("integrations.mqtt.run.check")
    with pytest.raises(PartylineError, match="nothing to check"):
        catalogue.load_check("mqtt")
