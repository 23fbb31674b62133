from __future__ import annotations

from pathlib import Path

import pytest

from cli.shared import guide
from common.config.pages import load_keys
from common.config.tables import DashboardSettings
from common.files.paths import Paths

SETTINGS = DashboardSettings()


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    found = Paths(tmp_path)
    found.make()
    return found


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever a browser was told to open. The dashboard is there, and it is ours."""
    found: list[str] = []
    monkeypatch.setattr("webbrowser.open", found.append)
    monkeypatch.setattr("common.config.dashboard_owner.owner", lambda *_: "ours")
    return found


@pytest.mark.parametrize(
    ("environ", "is_terminal", "has_desktop", "opens"),
    [({}, True, True, True), ({"CI": "true"}, True, True, False), ({}, False, True, False), ({}, True, False, False)],
)
def test_a_window_is_opened_only_where_somebody_sits(
    environ: dict[str, str], is_terminal: bool, has_desktop: bool, opens: bool
) -> None:
    assert guide.opens_by_itself(environ, is_terminal=is_terminal, has_desktop=has_desktop) is opens


def sit_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide, "opens_by_itself", lambda *_, **__: True)


@pytest.mark.parametrize(("wanted", "setting", "count"), [(True, True, 1), (False, True, 0), (True, False, 0)])
def test_flag_and_setting_keep_the_end_of_a_start_from_opening_it(
    paths: Paths, opened: list[str], monkeypatch: pytest.MonkeyPatch, wanted: bool, setting: bool, count: int
) -> None:
    sit_here(monkeypatch)
    lines = guide.at_start(paths, DashboardSettings(open_browser=setting), wanted=wanted)
    assert (len(opened), len(lines)) == (count, count)
    key = load_keys(paths).full
    assert not any(key in line for line in lines)
    assert opened == [f"http://127.0.0.1:8770/start?key={key}&unless=ready"] * count


def test_no_key_is_handed_to_another_program_at_the_port(
    paths: Paths, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sit_here(monkeypatch)
    monkeypatch.setattr("common.config.dashboard_owner.owner", lambda *_: "other")
    assert guide.at_start(paths, SETTINGS) == []
    assert opened == []


def test_without_a_display_the_address_is_printed(
    paths: Paths, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guide, "has_browser", lambda: False)
    lines = "\n".join(guide.show(paths, SETTINGS))
    assert opened == []
    assert f"http://127.0.0.1:8770/start?key={load_keys(paths).full}" in lines
