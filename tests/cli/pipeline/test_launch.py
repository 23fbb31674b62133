"""The environment in which supervisord starts."""

from __future__ import annotations

from cli.pipeline import launch
from common.files.paths import Paths


def test_a_relative_home_is_the_same_for_the_workers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTYLINE_HOME", "mine")
    assert launch.environment(Paths.of_environment())["PARTYLINE_HOME"] == str(tmp_path / "mine")
    monkeypatch.delenv("PARTYLINE_HOME")
    assert "PARTYLINE_HOME" not in launch.environment(Paths.of_environment())
