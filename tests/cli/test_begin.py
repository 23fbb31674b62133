from __future__ import annotations

from pathlib import Path

import pytest

from cli import __main__ as entry
from cli import begin
from cli.shared import guide


@pytest.mark.parametrize("runs", [True, False])
def test_partyline_alone_starts_what_does_not_run_and_opens_the_guide(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    runs: bool,
) -> None:
    started: list[list[str]] = []
    opened: list[str] = []
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("common.config.dashboard_owner.owner", lambda *_: "ours")
    monkeypatch.setattr(guide, "has_browser", lambda: True)
    monkeypatch.setattr(begin.supervisors, "find", lambda *_: None)
    monkeypatch.setattr(begin, "listens", lambda *_: runs)
    monkeypatch.setattr("cli.shared.command.Command.execute", lambda *words: started.append(words[2]))
    assert entry.main([]) == 0
    assert started == ([] if runs else [["--no-browser"]])
    assert len(opened) == 1
    assert ("It is started now" in capsys.readouterr().out) is not runs
